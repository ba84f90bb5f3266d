namespace Dense.Checkpoints;

/// <summary>How far a file's bytes were protected against silent damage when it was read (reliability R8).</summary>
public enum ChecksumState
{
    /// <summary>The format has no checksum and no <c>.sha256</c> file stands beside it.</summary>
    None,

    /// <summary>The CRC-32 of every record in the ZIP container was verified.</summary>
    Crc32Verified,

    /// <summary>The SHA-256 in the <c>.sha256</c> file beside it was verified.</summary>
    Sha256Verified,
}
