namespace Dense.Checkpoints;

/// <summary>
/// Compares the keys of maps. Hashes are seeded per process, so that a file cannot choose keys that collide and turn
/// reading into quadratic time.
/// </summary>
internal sealed class CheckpointKeyComparer : IEqualityComparer<object>
{
    public static CheckpointKeyComparer Instance { get; } = new();

    public new bool Equals(object? x, object? y) => object.Equals(x, y);

    public int GetHashCode(object obj) => obj is string text
        ? text.GetHashCode(StringComparison.Ordinal)
        : HashCode.Combine(obj);
}
