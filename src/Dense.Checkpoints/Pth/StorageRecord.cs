namespace Dense.Checkpoints.Pth;

/// <summary>A run of elements that tensors are views of.</summary>
/// <param name="elementType">Type of its elements; null when the storage is untyped and counts bytes.</param>
/// <param name="length">Bytes it takes.</param>
internal sealed class StorageRecord(ElementType? elementType, long length)
{
    public ElementType? ElementType { get; } = elementType;

    public long Length { get; } = length;

    /// <summary>The elements, little-endian; filled once the file's data section has been read.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }
}
