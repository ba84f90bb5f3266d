using Dense.Detection;
using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

/// <summary>
/// A detector of a few parameters: a convolution, a BatchNorm and a linear layer that guesses the first object's box
/// and how many objects there are.
/// </summary>
internal sealed class ToyDetector : Detector
{
    private readonly Conv2d _conv;
    private readonly Linear _head;

    /// <summary>Creates the detector; with other ranks its BatchNorm spans them.</summary>
    public ToyDetector(int seed = 1, DetectorSettings? settings = null, ICollectives? ranks = null)
        : base(nameof(ToyDetector), settings ?? new DetectorSettings(), SingleProcess.Instance)
    {
        random.manual_seed(seed);
        _conv = nn.Conv2d(3, 4, 3);
        Norm = ranks is null
            ? new BatchNormLayer(4)
            : new BatchNormLayer(4, statistics: BatchStatistics.AllPixels) { SumOverProcesses = ranks.SumInPlace };
        _head = nn.Linear(4, 5);
        register_module("conv", _conv);
        register_module("norm", Norm);
        register_module("head", _head);
    }

    public BatchNormLayer Norm { get; }

    /// <summary>How often the BatchNorm is used in a pass.</summary>
    public int NormUses { get; set; } = 1;

    /// <summary>What the losses are multiplied by at a step; to make them overflow.</summary>
    public Func<long, float> Factor { get; set; } = _ => 1;

    public override IReadOnlyDictionary<string, double> TrainerState { get; set; } =
        new Dictionary<string, double> { ["passes"] = 0 };

    public override IReadOnlyList<NamedLoss> Losses(ImageBatch batch, IReadOnlyList<GroundTruth> truths)
    {
        using var scope = NewDisposeScope();
        long pass = (long)TrainerState["passes"];
        if (is_grad_enabled())
            TrainerState = new Dictionary<string, double> { ["passes"] = pass + 1 };

        Tensor guess = _head.call(Features(batch));
        Tensor boxes =
            tensor(truths.SelectMany(t => t.Count > 0 ? t.Boxes[..4] : new float[4]).ToArray(), [truths.Count, 4]) / 32;
        Tensor counts = tensor(truths.Select(t => (float)t.Count).ToArray());
        Tensor box = (guess.narrow(1, 0, 4) - boxes).square().mean() * Factor(pass);
        Tensor count = (guess.select(1, 4) - counts).square().mean();
        return [new("loss_box", box.MoveToOuterDisposeScope()), new("loss_count", count.MoveToOuterDisposeScope())];
    }

    public override IReadOnlyList<ImageDetections> Detect(ImageBatch batch, IReadOnlyList<InputImage> images)
    {
        using var scope = NewDisposeScope();
        Assert.False(training);
        using Tensor guess = (_head.call(Features(batch)) * 32).cpu();
        float[] values = guess.data<float>().ToArray();
        return [.. images.Select((image, i) => new ImageDetections
        {
            ImageId = image.ImageId,
            Height = image.OriginalHeight,
            Width = image.OriginalWidth,
            Boxes = values[(5 * i)..(5 * i + 4)],
            Scores = [0.5f],
            Classes = [0],
        })];
    }

    private Tensor Features(ImageBatch batch) => Enumerable.Range(0, NormUses)
        .Aggregate(_conv.call(batch.Pixels), (x, _) => Norm.call(x)).relu().mean([2, 3]);
}
