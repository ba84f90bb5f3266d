using System.Buffers.Binary;

namespace Dense.Imaging;

/// <summary>What the first bytes of an encoded image say, read before any decoder is asked.</summary>
/// <param name="Format">The format by content; a file's extension plays no part (P-76).</param>
/// <param name="Width">Declared columns; 0 where the format's own header is not read here.</param>
/// <param name="Height">Declared rows; 0 where the format's own header is not read here.</param>
internal readonly record struct EncodedHeader(EncodedFormat Format, long Width, long Height)
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header.</summary>
    public static EncodedHeader Read(ReadOnlySpan<byte> encoded)
    {
        if (encoded.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return new(EncodedFormat.Jpeg, 0, 0);
        if (encoded.StartsWith(PngSignature) && encoded.Length >= 24)
        {
            return new(
                EncodedFormat.Png,
                BinaryPrimitives.ReadUInt32BigEndian(encoded[16..]),
                BinaryPrimitives.ReadUInt32BigEndian(encoded[20..]));
        }

        if ((encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8)) && encoded.Length >= 10)
        {
            return new(
                EncodedFormat.Gif,
                BinaryPrimitives.ReadUInt16LittleEndian(encoded[6..]),
                BinaryPrimitives.ReadUInt16LittleEndian(encoded[8..]));
        }

        if (encoded.StartsWith("RIFF"u8) && encoded.Length >= 12 && encoded[8..].StartsWith("WEBP"u8))
            return new(EncodedFormat.WebP, 0, 0);
        return encoded.StartsWith("BM"u8) ? new(EncodedFormat.Bmp, 0, 0) : default;
    }

    /// <summary>
    /// The most pixels that one byte of a complete file can hold: a file that declares more is cut off or lies, and is
    /// refused before memory is taken for it.
    /// </summary>
    public static long MaxPixelsPerByte(EncodedFormat format) => format switch
    {
        // At least one bit for each block of 64 pixels; twice that, for arithmetic coding.
        EncodedFormat.Jpeg => 1024,

        // Deflate expands at most 1032 times, and a byte holds at most eight pixels.
        EncodedFormat.Png => 1032 * 8,

        // A 12-bit code stands for at most 4096 pixels.
        EncodedFormat.Gif => 4096,
        _ => long.MaxValue,
    };
}
