namespace Dense.Training.Data.Archives;

/// <summary>Where one file lies in an archive.</summary>
/// <param name="Name">Path in the archive, with forward slashes.</param>
/// <param name="Offset">First byte of the content; in a zip archive, of the local header before it.</param>
/// <param name="StoredLength">Bytes in the archive.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="IsDeflated">Whether the bytes are compressed.</param>
/// <param name="Crc32">Checksum of the file; null where the format has none.</param>
internal readonly record struct ArchiveEntry(
    string Name, long Offset, long StoredLength, long Length, bool IsDeflated, uint? Crc32);
