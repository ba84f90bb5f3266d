namespace Dense.Coco.Annotations;

/// <summary>Holds the encoded segmentations of a file in a few large blocks instead of many small arrays.</summary>
internal sealed class SegmentationStore
{
    private const int BlockSize = 1 << 20;

    private readonly List<byte[]> _blocks = [];
    private int _used = BlockSize;

    /// <summary>Where a segmentation lies; the default value stands for none.</summary>
    public readonly record struct Handle(int Block, int Offset, int Length);

    /// <summary>Stores a copy.</summary>
    public Handle Add(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            return default;

        if (encoded.Length > BlockSize - _used)
        {
            // A longer one gets a block of its own, which is then full.
            _blocks.Add(new byte[Math.Max(BlockSize, encoded.Length)]);
            _used = 0;
        }

        var handle = new Handle(_blocks.Count - 1, _used, encoded.Length);
        encoded.CopyTo(_blocks[^1].AsSpan(_used));
        _used = Math.Min(BlockSize, _used + encoded.Length);
        return handle;
    }

    /// <summary>The stored segmentation.</summary>
    public Segmentation this[Handle handle] =>
        handle.Length == 0 ? Segmentation.None : new(_blocks[handle.Block].AsMemory(handle.Offset, handle.Length));
}
