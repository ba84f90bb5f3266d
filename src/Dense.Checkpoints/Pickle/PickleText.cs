using System.Text;

namespace Dense.Checkpoints.Pickle;

/// <summary>
/// Bytes or a long text of a pickle, not decoded yet: Python 3's protocol 2 writes arrays as text, which must not
/// become a .NET string of twice the size first.
/// </summary>
/// <param name="Bytes">As they stand in the file.</param>
/// <param name="Kind">What they are.</param>
internal sealed record PickleText(ReadOnlyMemory<byte> Bytes, PickleTextKind Kind)
{
    private const int LongestShort = 4096;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The text; null when it is not valid.</summary>
    public string? Decode() => Kind == PickleTextKind.Utf8
        ? DecodeUtf8(Bytes.Span)
        : Encoding.Latin1.GetString(Bytes.Span);

    /// <summary>A short text, whichever way Python wrote it; null when the value is something else.</summary>
    public static string? Short(object? value) => value switch
    {
        string text => text,
        PickleText { Kind: not PickleTextKind.Bytes, Bytes.Length: <= LongestShort } text => text.Decode(),
        _ => null,
    };

    /// <summary>Decodes UTF-8; null when it is not valid.</summary>
    public static string? DecodeUtf8(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>
    /// The characters of a text as one byte each; null when it is not valid or has a character beyond Latin-1.
    /// </summary>
    public static byte[]? Latin1FromUtf8(ReadOnlySpan<byte> utf8)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(CountCharacters(utf8));
        int count = 0;
        for (int at = 0; at < utf8.Length && count < result.Length; count++)
        {
            byte first = utf8[at++];
            if (first < 0x80)
            {
                result[count] = first;
            }
            else if (first is 0xC2 or 0xC3 && at < utf8.Length && (utf8[at] & 0xC0) == 0x80)
            {
                result[count] = (byte)(((first & 3) << 6) | (utf8[at++] & 0x3F));
            }
            else
            {
                return null;
            }
        }

        return result;
    }

    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
            count += (b & 0xC0) == 0x80 ? 0 : 1;

        return count;
    }
}
