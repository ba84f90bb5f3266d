using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dense.Imaging;

/// <summary>
/// 16-bit grey PNG. Pillow clips such values to 255 instead of scaling them, which needs both bytes of a value, and
/// decoders hand out one. So the header is rewritten: two bytes of grey become one of grey and one of alpha. Filters
/// and interlacing work on whole pixels of two bytes in both cases, so the pixel data stay valid.
/// </summary>
internal static class PngGray16
{
    private const int HeaderChunk = 12, BitDepth = 24, ColorType = 25, HeaderCrc = 29, HeaderLength = 33;
    private const byte Gray = 0, GrayAlpha = 4;

    /// <summary>Whether a PNG is of this kind.</summary>
    public static bool Is(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= HeaderLength && encoded[BitDepth] == 16 && encoded[ColorType] == Gray
        && encoded[HeaderChunk..].StartsWith("IHDR"u8);

    /// <summary>Rewrites the header as 8-bit grey with alpha.</summary>
    public static void Disguise(Span<byte> encoded)
    {
        Span<byte> chunk = encoded[HeaderChunk..HeaderCrc];
        bool intact = Crc32.HashToUInt32(chunk) == BinaryPrimitives.ReadUInt32BigEndian(encoded[HeaderCrc..]);
        encoded[BitDepth] = 8;
        encoded[ColorType] = GrayAlpha;

        // A wrong checksum stays wrong, so that the decoder refuses the file.
        if (intact)
            BinaryPrimitives.WriteUInt32BigEndian(encoded[HeaderCrc..], Crc32.HashToUInt32(chunk));
    }

    /// <summary>Turns decoded (high, high, high, low) bytes into clipped grey with alpha 255, in place.</summary>
    public static void Clip(Span<byte> rgba)
    {
        for (int i = 0; i < rgba.Length; i += 4)
        {
            byte value = rgba[i] > 0 ? (byte)255 : rgba[i + 3];
            rgba[i] = rgba[i + 1] = rgba[i + 2] = value;
            rgba[i + 3] = 255;
        }
    }
}
