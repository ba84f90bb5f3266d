using Dense.Checkpoints.Conversion;
using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Matching;

/// <summary>The tensors that a file offers to a detector, in detectron2's names (E-43 to E-45, M-130).</summary>
public sealed record DetectorWeightFile
{
    /// <summary>The file, for messages.</summary>
    public required string Path { get; init; }

    /// <summary>Names in the file's order; <c>module.</c> is stripped (E-61).</summary>
    public required IReadOnlyList<KeyValuePair<string, TensorRecord>> Tensors { get; init; }

    /// <summary>Whether names match by their ends (E-57) instead of exactly.</summary>
    public bool MatchNames { get; init; }

    /// <summary>Who the file says wrote it; null when it does not say.</summary>
    public string? Author { get; init; }

    /// <summary>How images must be fed to the weights; null when that is not known (M-137).</summary>
    public BackboneMetadata? Conventions { get; init; }

    /// <summary>What a person should know: what was renamed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What deserves a look: an extension that is not the content's (E-43).</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The names with their shapes.</summary>
    public IReadOnlyList<TensorLayout> Layouts => [.. Tensors.Select(entry => TensorLayout.Of(entry.Key, entry.Value))];

    /// <summary>Finds the tensors in a file.</summary>
    /// <param name="file">Any weight file: <c>.pkl</c>, <c>.pth</c>, <c>.pyth</c>, safetensors.</param>
    /// <param name="matchNames">Whether the user asked for matching by ends (E-41).</param>
    /// <exception cref="CheckpointFormatException">It holds no tensors for a detector; the message says what to do.
    /// </exception>
    public static DetectorWeightFile Of(CheckpointFile file, bool matchNames = false)
    {
        DetectorWeightFile found = WeightFile.Recognize(file) switch
        {
            { Kind: WeightFileKind.ExtractedBackbone or WeightFileKind.Torchvision } backbone => Torchvision(backbone),
            { Kind: WeightFileKind.Detectron2Backbone } backbone => Detectron2(backbone),
            { Kind: WeightFileKind.Unknown or WeightFileKind.Detector } other => DetectorWeightFileReader.Read(other),
            { } training => throw new CheckpointFormatException(file.Name,
                $"a {training.Description}: its backbone is not in detectron2's names. Convert it first: "
                + $"densecl convert {file.Name} backbone.pkl, then set MODEL.WEIGHTS to backbone.pkl."),
        };
        return matchNames ? found with { MatchNames = true } : found;
    }

    // The reference needs a converted file; here the conversion is done on the way.
    private static DetectorWeightFile Torchvision(WeightFile backbone) => new()
    {
        Path = backbone.File.Name,
        Tensors =
        [
            .. backbone.Backbone.Concat(backbone.Classifier)
                .Select(e => new Entry(BackboneNames.ToDetectron2(e.Key), e.Value)),
        ],
        MatchNames = true,
        Author = backbone.Author,
        Conventions = BackboneMetadata.Of(backbone.File) ?? InputConventions.Torch,
        Notes = [$"{backbone.Description}: renamed to detectron2's names on the way"],
    };

    private static DetectorWeightFile Detectron2(WeightFile backbone)
    {
        DetectorWeightFile read = DetectorWeightFileReader.Read(backbone);
        bool isTorch = backbone.Author is "OpenSelfSup" or "MOCO" or "torchvision" or "DenseCL";
        return read with
        {
            // Bare names of a backbone match nothing exactly.
            MatchNames = true,
            Conventions = BackboneMetadata.Of(backbone.File) ?? (isTorch ? InputConventions.Torch : null),
        };
    }
}
