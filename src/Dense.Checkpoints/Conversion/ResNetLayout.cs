using System.Text.RegularExpressions;

namespace Dense.Checkpoints.Conversion;

/// <summary>
/// Names and shapes of a ResNet backbone's weights in torchvision's layout and state order, generated from the
/// architecture (P-56..P-59).
/// </summary>
public static partial class ResNetLayout
{
    /// <summary>
    /// Channels of the stem of a ResNet as published; thinner and wider ones scale every layer with it.
    /// </summary>
    public const int PublishedWidth = 64;

    private const int Stages = 4;

    private static readonly (int Depth, bool Bottleneck, int[] Blocks)[] Architectures =
    [
        (18, false, [2, 2, 2, 2]),
        (34, false, [3, 4, 6, 3]),
        (50, true, [3, 4, 6, 3]),
        (101, true, [3, 4, 23, 3]),
        (152, true, [3, 8, 36, 3]),
    ];

    /// <summary>The depths that exist.</summary>
    public static IReadOnlyList<int> Depths { get; } = [.. Architectures.Select(a => a.Depth)];

    /// <summary>All entries of a depth: 120, 216, 318, 624 or 930.</summary>
    /// <param name="depth">18, 34, 50, 101 or 152.</param>
    /// <param name="counters">With <c>num_batches_tracked</c>.</param>
    /// <param name="width">Channels of the stem.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another depth.</exception>
    public static IReadOnlyList<TensorLayout> Of(int depth, bool counters = true, int width = PublishedWidth)
    {
        if (!Depths.Contains(depth))
            throw new ArgumentOutOfRangeException(
                nameof(depth), depth, $"A ResNet has depth {string.Join(", ", Depths)}.");

        var (_, bottleneck, blocks) = Architectures.First(a => a.Depth == depth);
        var layout = new List<TensorLayout> { new("conv1.weight", [width, 3, 7, 7]) };
        AddNorm(layout, "bn1", width);
        int channels = width;
        for (int stage = 1; stage <= blocks.Length; stage++)
        {
            int stageWidth = width << (stage - 1);
            for (int block = 0; block < blocks[stage - 1]; block++)
            {
                int stride = stage > 1 && block == 0 ? 2 : 1;
                channels = AddBlock(layout, $"layer{stage}.{block}.", channels, stageWidth, bottleneck, stride);
            }
        }

        return counters ? layout : [.. layout.Where(l => !IsCounter(l.Name))];
    }

    /// <summary>The depth whose blocks the names describe; null when they are no complete ResNet.</summary>
    public static int? DepthOf(IEnumerable<string> names) =>
        ArchitectureOf(names) is { Stages: Stages } whole ? whole.Depth : null;

    /// <summary>
    /// The depth and the number of stages that the names describe, for a network that may end early; null when no depth
    /// has such blocks.
    /// </summary>
    public static (int Depth, int Stages)? ArchitectureOf(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);

        string[] all = [.. names];
        bool bottleneck = all.Any(n => n.Contains(".conv3.", StringComparison.Ordinal));
        IReadOnlyList<int> blocks = BlocksOf(all);
        int stages = blocks.TakeWhile(n => n > 0).Count();
        if (stages == 0)
            return null;

        foreach (var architecture in Architectures)
        {
            // Behind the last stage there must be no block either.
            var expected = architecture.Blocks.Select((count, stage) => stage < stages ? count : 0);
            if (architecture.Bottleneck == bottleneck && blocks.SequenceEqual(expected))
                return (architecture.Depth, stages);
        }

        return null;
    }

    /// <summary>How many blocks each of the four stages has by the names.</summary>
    public static IReadOnlyList<int> BlocksOf(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);

        var blocks = new HashSet<(int Stage, int Block)>();
        foreach (string name in names)
        {
            if (BlockName().Match(name) is { Success: true } match)
                blocks.Add((match.ValueSpan[5] - '0', int.Parse(match.Groups[1].ValueSpan)));
        }

        return [.. Enumerable.Range(1, Stages).Select(stage => blocks.Count(b => b.Stage == stage))];
    }

    /// <summary>Whether a name is a batch-normalisation counter, which no forward pass reads.</summary>
    public static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    private static int AddBlock(
        List<TensorLayout> layout, string prefix, int inChannels, int width, bool bottleneck, int stride)
    {
        int outChannels = bottleneck ? 4 * width : width;
        (int Kernel, int Out)[] convolutions = bottleneck
            ? [(1, width), (3, width), (1, outChannels)]
            : [(3, width), (3, width)];
        int channels = inChannels;
        for (int i = 0; i < convolutions.Length; i++)
        {
            var (kernel, output) = convolutions[i];
            layout.Add(new($"{prefix}conv{i + 1}.weight", [output, channels, kernel, kernel]));
            AddNorm(layout, $"{prefix}bn{i + 1}", output);
            channels = output;
        }

        if (stride != 1 || inChannels != outChannels)
        {
            layout.Add(new($"{prefix}downsample.0.weight", [outChannels, inChannels, 1, 1]));
            AddNorm(layout, $"{prefix}downsample.1", outChannels);
        }

        return outChannels;
    }

    private static void AddNorm(List<TensorLayout> layout, string name, int channels)
    {
        foreach (string part in (string[])["weight", "bias", "running_mean", "running_var"])
            layout.Add(new($"{name}.{part}", [channels]));

        layout.Add(new($"{name}.num_batches_tracked", [], ElementType.Int64));
    }

    [GeneratedRegex(@"^layer[1-4]\.([0-9]{1,3})\.")]
    private static partial Regex BlockName();
}
