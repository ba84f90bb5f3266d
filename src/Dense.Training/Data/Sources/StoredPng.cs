using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dense.Training.Data.Sources;

/// <summary>
/// Puts small raw images into PNG files without compressing them, so that a source of raw pixels looks like one of
/// files. Copying is nearly all it costs.
/// </summary>
internal static class StoredPng
{
    private const int ChunkOverhead = 12;
    private const int HeaderLength = 13;

    // Zlib header 2, header of one stored block 5, checksum 4.
    private const int ZlibOverhead = 11;
    private const int LongestBlock = ushort.MaxValue;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes an RGB image whose channels lie one after the other.</summary>
    /// <param name="planes">3×height×width bytes.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="into">Receives the file.</param>
    public static void Write(ReadOnlySpan<byte> planes, int width, int height, EncodedImage into)
    {
        int rowLength = 1 + (3 * width);
        int pixels = rowLength * height;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixels, LongestBlock, nameof(width));

        Span<byte> file = into.Resize(Signature.Length + (3 * ChunkOverhead) + HeaderLength + ZlibOverhead + pixels);
        Signature.CopyTo(file);
        file = file[Signature.Length..];

        Span<byte> header = BeginChunk(ref file, "IHDR"u8, HeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        ((ReadOnlySpan<byte>)[8, 2, 0, 0, 0]).CopyTo(header[8..]);
        EndChunk(ref file, HeaderLength);

        Span<byte> data = BeginChunk(ref file, "IDAT"u8, ZlibOverhead + pixels);
        WriteZlib(data, planes, width, height);
        EndChunk(ref file, ZlibOverhead + pixels);

        BeginChunk(ref file, "IEND"u8, 0);
        EndChunk(ref file, 0);
    }

    private static void WriteZlib(Span<byte> data, ReadOnlySpan<byte> planes, int width, int height)
    {
        int rowLength = 1 + (3 * width);
        int pixels = rowLength * height;
        ((ReadOnlySpan<byte>)[0x78, 0x01, 0x01]).CopyTo(data);
        BinaryPrimitives.WriteUInt16LittleEndian(data[3..], (ushort)pixels);
        BinaryPrimitives.WriteUInt16LittleEndian(data[5..], (ushort)~pixels);

        Span<byte> rows = data.Slice(7, pixels);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = rows.Slice(y * rowLength, rowLength);
            row[0] = 0;
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < 3; c++)
                    row[1 + (3 * x) + c] = planes[(((c * height) + y) * width) + x];
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(data[(7 + pixels)..], Adler32(rows));
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint modulus = 65521;
        uint a = 1, b = 0;
        foreach (byte value in bytes)
        {
            a = (a + value) % modulus;
            b = (b + a) % modulus;
        }

        return (b << 16) | a;
    }

    private static Span<byte> BeginChunk(ref Span<byte> file, ReadOnlySpan<byte> type, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(file, length);
        type.CopyTo(file[4..]);
        return file.Slice(8, length);
    }

    private static void EndChunk(ref Span<byte> file, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(file[(8 + length)..], Crc32.HashToUInt32(file.Slice(4, 4 + length)));
        file = file[(ChunkOverhead + length)..];
    }
}
