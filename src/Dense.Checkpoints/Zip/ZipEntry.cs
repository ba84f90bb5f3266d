namespace Dense.Checkpoints.Zip;

/// <summary>One record of a ZIP archive, as the central directory describes it and its local header confirms.</summary>
/// <param name="Name">With slashes between folders.</param>
/// <param name="IsDeflated">Compressed; otherwise stored as it is.</param>
/// <param name="Crc32">Of the uncompressed bytes.</param>
/// <param name="StoredSize">Bytes in the archive.</param>
/// <param name="Size">Bytes once uncompressed.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
/// <param name="DataOffset">Where its bytes begin.</param>
internal sealed record ZipEntry(
    string Name, bool IsDeflated, uint Crc32, long StoredSize, long Size, long HeaderOffset, long DataOffset);
