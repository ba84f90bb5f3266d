namespace Dense.Checkpoints;

/// <summary>
/// A tensor as a weight file holds it: what crosses the border between files and libtorch. It has no name of its own;
/// the map that holds it has.
/// </summary>
/// <param name="ElementType">Type of each element.</param>
/// <param name="Shape">Sizes, outermost first; empty for a 0-dimensional tensor, which has one element.</param>
/// <param name="Bytes">The elements, row-major and contiguous, little-endian.</param>
public sealed record TensorRecord(ElementType ElementType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Number of elements.</summary>
    public long Count => Bytes.Length / ElementType.SizeInBytes();
}
