namespace Dense.Checkpoints;

/// <summary>A tensor somewhere in a file.</summary>
/// <param name="Name">The keys that lead to it, joined by dots, such as
/// <c>optimizer.state.0.momentum_buffer</c>.</param>
/// <param name="Tensor">The tensor.</param>
public sealed record NamedTensor(string Name, TensorRecord Tensor)
{
    /// <summary>All tensors of a file, in order. A part that the file holds twice is listed once.</summary>
    public static IReadOnlyList<NamedTensor> AllOf(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);

        var found = new List<NamedTensor>();
        Collect(file.Root, "", found, new HashSet<object>(ReferenceEqualityComparer.Instance));
        return found;
    }

    // Readers bound the depth; parts seen once are not entered again, because a file may refer to one part very often.
    private static void Collect(object? value, string path, List<NamedTensor> found, HashSet<object> seen)
    {
        switch (value)
        {
            case TensorRecord tensor:
                found.Add(new NamedTensor(path, tensor));
                break;
            case CheckpointMap map when seen.Add(map):
                foreach (var (key, item) in map)
                    Collect(item, path.Length == 0 ? $"{key}" : $"{path}.{key}", found, seen);

                break;
            case IReadOnlyList<object?> list when seen.Add(list):
                for (int i = 0; i < list.Count; i++)
                    Collect(list[i], $"{path}[{i}]", found, seen);

                break;
        }
    }
}
