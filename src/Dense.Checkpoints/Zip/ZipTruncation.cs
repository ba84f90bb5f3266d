using System.Buffers.Binary;
using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Zip;

/// <summary>Says where a ZIP archive without an end record was cut off.</summary>
internal static class ZipTruncation
{
    private const uint LocalSignature = 0x04034b50;
    private const int LocalSize = 30;

    /// <summary>Walks the local headers from the front until one reaches past the end of the file.</summary>
    public static CheckpointFormatException Explain(ByteSource source)
    {
        long position = 0;
        byte[] header = new byte[LocalSize];
        while (source.Length - position >= LocalSize)
        {
            source.Read(position, header);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
                break;

            long needed = LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26)) +
                (long)BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28)) +
                BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(18));
            if (position + needed > source.Length)
            {
                return source.Refuse(position, $"the file is truncated: a record here needs {needed} bytes, so the " +
                    $"file should have more than {position + needed} bytes, but ends at byte {source.Length}. Copy " +
                        "or download it again.");
            }

            position += needed;
        }

        return source.Refuse(position, $"the file is truncated or damaged: the ZIP directory that should follow is " +
            $"missing; the file ends at byte {source.Length}. Copy or download it again.");
    }
}
