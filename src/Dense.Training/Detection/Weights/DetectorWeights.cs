using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Checkpoints.Matching;
using Dense.Detection;
using Dense.Detection.Settings;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Settings;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Weights;

/// <summary>
/// Starts a detector from a weight file (E-38, E-62, E-65): model only, no optimizer, no iteration (M-135).
/// </summary>
public static class DetectorWeights
{
    /// <summary>Copies what fits from a file into a detector.</summary>
    /// <param name="detector">Changed in place, on whatever device and of whatever float type it is.</param>
    /// <param name="path">A local file; for other names see Dense.Hub's <c>WeightsStore</c>.</param>
    /// <param name="settings">The run; what contradicts the weights becomes a warning (M-137).</param>
    /// <param name="options">How strict to be.</param>
    /// <exception cref="CheckpointFormatException">The file holds no weights for this detector.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static LoadedWeights Load(
        nn.Module detector, string path, DetectionRunSettings settings, DetectorWeightOptions? options = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: no such weight file. Set MODEL.WEIGHTS to one, or to \"\" to start from scratch.", path);
        }

        options ??= new DetectorWeightOptions();
        using CheckpointFile file = CheckpointFile.Read(
            path, new CheckpointReadOptions { MapFile = true, AllowOpaqueObjects = options.AllowOpaqueObjects });
        DetectorWeightFile weights = DetectorWeightFile.Of(file, options.MatchNames);
        IReadOnlyList<TensorLayout> model =
            [.. DetectorState.Entries(detector).Select(entry => new TensorLayout(entry.Name, entry.Tensor.shape))];
        MatchedWeights matched = MatchedWeights.Match(weights, model);
        if (options is { AllowMissing: false, EvaluationOnly: true })
            matched.RequireAll(path);
        else if (!options.AllowMissing)
            matched.RequireBackbone(path);

        DetectorState.CopyFrom(detector, matched.State);
        return new LoadedWeights(
            $"{path}: {matched.Summary}", matched.Report, matched.MatchTable(),
            [.. AuthorOf(weights), .. matched.Notes],
            [.. matched.Warnings, .. Folded(matched, settings), .. Contradictions(weights, settings)]);
    }

    private static string[] AuthorOf(DetectorWeightFile weights) =>
        weights.Author is { } author ? [$"The file says that its author is {author}."] : [];

    // FrozenBN is what folded weights are for; other norms train from them by their batches (E-193, M-136).
    private static string[] Folded(MatchedWeights matched, DetectionRunSettings settings) =>
        matched.NormsWithoutStatistics == 0 || settings.Detector.Backbone.Norm == DetectorNorm.FrozenBatch
            ? []
            : [$"the file has no statistics for {matched.NormsWithoutStatistics} norm layers of the backbone; they "
                + "begin with mean 0 and variance 1. An evaluation before training is meaningless; where statistics "
                + "were folded into scale and shift, set MODEL.RESNETS.NORM to FrozenBN."];

    private static IReadOnlyList<string> Contradictions(DetectorWeightFile weights, DetectionRunSettings settings) =>
        weights.Conventions is { } known
            ? InputConventions.Contradictions(known, weights.Author ?? weights.Path, ConventionsOf(settings))
            : [];

    private static BackboneMetadata ConventionsOf(DetectionRunSettings settings) => new()
    {
        Depth = settings.Detector.Backbone.Depth,
        ChannelOrder = settings.Data.ChannelOrder == ChannelOrder.Rgb ? "RGB" : "BGR",
        PixelMean = settings.Detector.PixelMean,
        PixelStandardDeviation = settings.Detector.PixelStd,
        StrideInFirstConvolution = settings.Detector.Backbone.StrideInOneByOne,
    };
}
