namespace Dense.Imaging;

/// <summary>
/// Turns the transparent colour of a GIF's first frame off: Pillow looks it up in the palette like any other (P-76),
/// other decoders make the pixel black.
/// </summary>
internal static class GifTransparency
{
    private const byte Extension = 0x21, GraphicControl = 0xF9, TransparentFlag = 1;
    private const int ScreenFlags = 10, HeaderLength = 13;

    /// <summary>Where the first frame's flags lie, when they declare a transparent colour; else −1.</summary>
    public static int FindFlags(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < HeaderLength)
            return -1;

        bool hasPalette = (encoded[ScreenFlags] & 0x80) != 0;
        int at = HeaderLength + (hasPalette ? 3 << ((encoded[ScreenFlags] & 7) + 1) : 0);
        while (at + 4 < encoded.Length && encoded[at] == Extension)
        {
            if (encoded[at + 1] == GraphicControl && encoded[at + 2] == 4)
                return (encoded[at + 3] & TransparentFlag) != 0 ? at + 3 : -1;

            at += 2;
            while (at < encoded.Length && encoded[at] != 0)
                at += 1 + encoded[at];
            at++;
        }

        return -1;
    }

    /// <summary>Clears the flag.</summary>
    public static void TurnOff(Span<byte> encoded, int flags) => encoded[flags] &= unchecked((byte)~TransparentFlag);
}
