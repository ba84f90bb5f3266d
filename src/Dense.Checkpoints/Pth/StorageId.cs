using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pickle;

namespace Dense.Checkpoints.Pth;

/// <summary>
/// A persistent id: ("storage", class, key, location, element count[, view]). The location, such as <c>cuda:0</c>, is
/// ignored: everything is read into main memory.
/// </summary>
/// <param name="Key">Names the storage in the file.</param>
/// <param name="ElementType">Null when untyped.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct StorageId(string Key, ElementType? ElementType, long Length)
{
    /// <summary>Bytes of one of the elements that the file counts.</summary>
    public int ElementSize => ElementType?.SizeInBytes() ?? 1;

    /// <summary>Reads an id.</summary>
    /// <exception cref="CheckpointFormatException">It is something else.</exception>
    public static StorageId Parse(CheckpointTuple id, ByteSource source, long offset)
    {
        if (id.Count > 0 && PickleText.Short(id[0]) is "module")
            throw source.Refuse(offset, "the file holds a whole model with its program, not weights. Save its " +
                "state_dict() with torch.save instead.");

        if (id.Count < 5 || PickleText.Short(id[0]) is not "storage" ||
            PickleText.Short(id[2]) is not { Length: <= 256 } key || id[4] is not long count)
        {
            throw source.Refuse(offset, "a persistent id is not a storage: expected ('storage', class, key, " +
                "location, count).");
        }

        if (id[1] is not PickleGlobal { Kind: PickleGlobalKind.Storage } type)
            throw source.Refuse(offset, $"the storage '{key}' has the type {Words(id[1])}, which cannot be read.");

        var parsed = new StorageId(key, type.ElementType, 0);
        Int128 length = (Int128)count * parsed.ElementSize;
        if (length < 0 || length > source.Length * 1100L)
        {
            throw source.Refuse(offset, $"the storage '{key}' is declared with {count} elements, more than a file of " +
                $"{source.Length} bytes can hold.");
        }

        return parsed with { Length = (long)length };
    }

    private static string Words(object? value) => value is PickleGlobal global
        ? $"'{global.Name}'"
        : CheckpointValue.Describe(value);
}
