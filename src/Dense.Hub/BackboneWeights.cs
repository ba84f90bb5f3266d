using System.Text.RegularExpressions;
using Dense.Checkpoints;

namespace Dense.Hub;

/// <summary>Tells whether a file holds all weights of a residual network of a given depth.</summary>
internal static partial class BackboneWeights
{
    /// <summary>Reads the file and throws unless it holds a whole backbone of this depth.</summary>
    /// <exception cref="HubException">It is something else, is damaged or is incomplete.</exception>
    public static void Require(string path, int depth)
    {
        if (ForeignContent.DescribeFile(path) is { } foreign)
            throw new HubException($"{path}: this is {foreign}.");

        CheckpointMap map;
        try
        {
            map = CheckpointFile.Read(path).Map;
        }
        catch (CheckpointFormatException e)
        {
            throw new HubException($"{e.Message} It is no usable weight file: delete it and pull the model again.", e);
        }

        CheckpointMap weights = map.TryGet("state_dict", out CheckpointMap? inner) ? inner : map;
        HashSet<string> present = [.. weights.Tensors.Select(t => WithoutPrefix(t.Key))];
        List<string> missing = [.. Names(depth).Where(n => !present.Contains(n))];
        string next = BlockName(depth);
        if (missing.Count > 0 || present.Contains(next))
        {
            string found = missing.Count == 0
                ? $"it also holds {next}, so it is deeper"
                : $"{missing.Count} tensors are missing, first {missing[0]}";
            throw new HubException($"{path}: expected the whole backbone of ResNet-{depth}, but {found}. " +
                $"The file holds {present.Count} tensors. Look into it with: densecl inspect {path}");
        }
    }

    /// <summary>The convolutions and normalisations of the network, by torchvision's names.</summary>
    internal static IEnumerable<string> Names(int depth)
    {
        IEnumerable<string> units = ["conv1|bn1"];
        int[] blocks = Blocks(depth);
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            for (int block = 0; block < blocks[stage]; block++)
            {
                string prefix = $"layer{stage + 1}.{block}.";
                units = units.Concat(Enumerable.Range(1, 3).Select(i => $"{prefix}conv{i}|{prefix}bn{i}"));
                if (block == 0)
                    units = units.Append($"{prefix}downsample.0|{prefix}downsample.1");
            }
        }

        return units.Select(u => u.Split('|')).SelectMany(u => new[]
        {
            $"{u[0]}.weight", $"{u[1]}.weight", $"{u[1]}.bias", $"{u[1]}.running_mean", $"{u[1]}.running_var",
        });
    }

    // One block more than the third stage of this depth has.
    private static string BlockName(int depth) => $"layer3.{Blocks(depth)[2]}.conv1.weight";

    private static int[] Blocks(int depth) => depth switch
    {
        50 => [3, 4, 6, 3],
        101 => [3, 4, 23, 3],
        _ => throw new ArgumentOutOfRangeException(nameof(depth), depth, "The catalogue holds depths 50 and 101."),
    };

    private static string WithoutPrefix(string name) => Prefix().Replace(name, "");

    [GeneratedRegex(@"^(module\.)?(backbone\.|encoder_q\.0\.)?")]
    private static partial Regex Prefix();
}
