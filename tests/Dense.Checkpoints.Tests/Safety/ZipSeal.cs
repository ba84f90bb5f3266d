using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dense.Checkpoints.Tests.Safety;

/// <summary>
/// Makes the checksums of a mutated ZIP archive right again, so that mutations reach the readers behind them.
/// </summary>
internal static class ZipSeal
{
    private const uint Central = 0x02014b50;
    private const uint Local = 0x04034b50;

    public static byte[] Apply(byte[] file)
    {
        for (int at = 0; at + 46 < file.Length; at++)
        {
            ReadOnlySpan<byte> record = file.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) != Central)
                continue;

            long header = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
            if (header + 30 > file.Length || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)header)) != Local)
                continue;

            long data = header + 30 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)header + 26))
                + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)header + 28));
            if (data + size > file.Length)
                continue;

            uint crc = Crc32.HashToUInt32(file.AsSpan((int)data, (int)size));
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 16), crc);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan((int)header + 14), crc);
        }

        return file;
    }
}
