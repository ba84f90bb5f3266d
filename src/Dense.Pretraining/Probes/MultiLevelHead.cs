using Dense.Models.Backbones;
using Dense.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Pretraining.Probes;

// Shapes: N images, C channels and S×S cells of a level, L classes.

/// <summary>
/// A linear classifier on each of a network's five levels (P-154): the map is averaged to some 9000 numbers, its
/// channels are standardised over the images of all processes, and one layer scores the numbers.
/// </summary>
/// <remarks>
/// Checkpoint keys, i from 0: <c>norms.{i}.{running_mean,running_var,num_batches_tracked}</c> and
/// <c>classifiers.{i}.fc_cls.{weight,bias}</c>.
/// </remarks>
public sealed class MultiLevelHead : Module<Tensor[], Tensor[]>
{
    /// <summary>Rows and columns of the images that it is made for.</summary>
    public const int ViewSize = 224;

    [ComponentName(Name = "norms")]
    private readonly ModuleList<BatchNormLayer> _norms = [];

    [ComponentName(Name = "classifiers")]
    private readonly ModuleList<ClassificationHead> _classifiers = [];

    /// <summary>Creates the head; its classifiers start as that of <see cref="ClassificationHead"/>.</summary>
    /// <param name="backbone">A network of four stages.</param>
    /// <param name="numClasses">L.</param>
    public MultiLevelHead(ResNetSettings backbone, int numClasses)
        : base(nameof(MultiLevelHead))
    {
        for (int level = 0; level < Poolings.Count; level++)
        {
            int channels = backbone.Channels(level);
            int cells = Poolings[level].Side * Poolings[level].Side;
            _norms.Add(new BatchNormLayer(channels, statistics: BatchStatistics.AllPixels, affine: false));
            _classifiers.Add(new ClassificationHead(channels * cells, numClasses, withAveragePool: false));
        }

        RegisterComponents();
    }

    /// <summary>The stem and the four stages: 12², 6², 4², 3² and 2² cells.</summary>
    public static IReadOnlyList<LevelPooling> Poolings { get; } =
        [new(112, 10, 10, 4), new(56, 16, 8, 0), new(28, 13, 5, 0), new(14, 8, 3, 0), new(7, 6, 1, 0)];

    /// <summary>Scores a batch by each level.</summary>
    /// <param name="features">The maps of indices 0 to 4, each N×C×H×W.</param>
    /// <returns>Per level N×L, before the softmax.</returns>
    /// <exception cref="ArgumentException">They are not the maps of images of <see cref="ViewSize"/>.</exception>
    public override Tensor[] forward(Tensor[] features)
    {
        if (!features.Select(f => f.shape[^1]).SequenceEqual(Poolings.Select(p => (long)p.MapSide)))
        {
            throw new ArgumentException(
                $"Expected the five maps of {ViewSize}×{ViewSize} images, found maps of "
                + $"{string.Join(", ", features.Select(f => $"{f.shape[^2]}×{f.shape[^1]}"))}.", nameof(features));
        }

        return [.. features.Select(Score)];
    }

    private Tensor Score(Tensor map_NCHW, int level)
    {
        using DisposeScope scope = NewDisposeScope();
        LevelPooling pooling = Poolings[level];
        Tensor cells_NCSS = functional.avg_pool2d(
            map_NCHW, pooling.Kernel, pooling.Stride, pooling.Padding, count_include_pad: true);
        return _classifiers[level].call(_norms[level].call(cells_NCSS)).MoveToOuterDisposeScope();
    }
}
