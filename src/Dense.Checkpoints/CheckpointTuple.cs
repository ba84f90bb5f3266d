using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Dense.Checkpoints;

/// <summary>A Python tuple: an immutable sequence of checkpoint values. Equal when all its items are equal.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "A tuple is what Python calls it.")]
public sealed class CheckpointTuple : IReadOnlyList<object?>, IEquatable<CheckpointTuple>
{
    /// <summary>Creates a tuple. The array is kept, not copied.</summary>
    public CheckpointTuple(params object?[] items)
    {
        Items = items;
    }

    /// <summary>The empty tuple.</summary>
    public static CheckpointTuple Empty { get; } = new();

    /// <inheritdoc/>
    public int Count => Items.Length;

    internal object?[] Items { get; }

    /// <inheritdoc/>
    public object? this[int index] => Items[index];

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator() => ((IEnumerable<object?>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Items.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(CheckpointTuple? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CheckpointTuple);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (object? item in Items)
            hash.Add(item);

        return hash.ToHashCode();
    }
}
