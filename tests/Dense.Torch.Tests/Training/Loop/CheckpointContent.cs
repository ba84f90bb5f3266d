using Dense.Checkpoints;

namespace Dense.Torch.Tests.Training.Loop;

/// <summary>Compares training checkpoints bit by bit.</summary>
internal static class CheckpointContent
{
    /// <summary>Every number of a checkpoint except its date: name and bytes.</summary>
    public static SortedDictionary<string, string> Of(string path)
    {
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(content, "", CheckpointFile.Read(path).Map);
        content.Remove("/meta/time");
        content.Remove("/meta/config");
        return content;
    }

    /// <summary>The entries that differ, for a message.</summary>
    public static IReadOnlyList<string> Differences(string expected, string actual)
    {
        var (a, b) = (Of(expected), Of(actual));
        return [.. a.Keys.Union(b.Keys).Where(k => a.GetValueOrDefault(k) != b.GetValueOrDefault(k))];
    }

    private static void Add(SortedDictionary<string, string> content, string name, object? value)
    {
        switch (value)
        {
            case CheckpointMap map:
                foreach (var (key, inner) in map)
                    Add(content, $"{name}/{key}", inner);
                break;
            case IReadOnlyList<object?> list:
                for (int i = 0; i < list.Count; i++)
                    Add(content, $"{name}/{i}", list[i]);
                break;
            case TensorRecord tensor:
                content[name] = $"{tensor.ElementType} [{string.Join(',', tensor.Shape)}] " +
                    $"{Convert.ToHexString(tensor.Bytes.Span)}";
                break;
            default:
                content[name] = $"{value:R}";
                break;
        }
    }
}
