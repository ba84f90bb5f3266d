namespace Dense.Checkpoints.Pth;

/// <summary>What a persistent id stands for: a storage, or from old files a part of one.</summary>
/// <param name="Storage">The whole storage.</param>
/// <param name="ElementType">Type of the elements; null when untyped.</param>
/// <param name="Offset">First byte of the part.</param>
/// <param name="Length">Bytes of the part.</param>
internal sealed record StorageSlice(StorageRecord Storage, ElementType? ElementType, long Offset, long Length);
