using System.Globalization;
using System.Text;

namespace Dense.Checkpoints.Pickle;

/// <summary>The two escaped text forms of pickle protocol 0.</summary>
internal static class PickleEscapes
{
    /// <summary>
    /// Decodes a Python 2 string literal with its quotes, such as <c>'a\x00\n'</c>; null when malformed.
    /// </summary>
    public static byte[]? Unquote(ReadOnlySpan<byte> literal)
    {
        literal = literal.TrimEnd(" \r\t"u8);
        if (literal.Length < 2 || literal[0] != literal[^1] || literal[0] is not ((byte)'\'' or (byte)'"'))
            return null;

        ReadOnlySpan<byte> text = literal[1..^1];
        byte[] result = new byte[text.Length];
        int count = 0;
        while (!text.IsEmpty)
        {
            int used = 1;
            byte value = text[0];
            if (value == (byte)'\\' && (used = Escape(text, out value)) == 0)
                return null;

            result[count++] = value;
            text = text[used..];
        }

        return result[..count];
    }

    /// <summary>
    /// Decodes Python's raw-unicode-escape: Latin-1 with <c>\uXXXX</c> and <c>\UXXXXXXXX</c>; null when malformed.
    /// </summary>
    public static string? DecodeUnicode(ReadOnlySpan<byte> line)
    {
        var text = new StringBuilder(line.Length);
        while (!line.IsEmpty)
        {
            int digits = line.Length > 1 && line[0] == (byte)'\\'
                ? line[1] switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 }
                : 0;
            if (digits == 0)
            {
                text.Append((char)line[0]);
                line = line[1..];
                continue;
            }

            if (line.Length < 2 + digits || !TryHex(line.Slice(2, digits), out int code) || code > 0x10FFFF)
                return null;

            text.Append(
                code is >= 0xD800 and < 0xE000 || code < 0x10000
                ? ((char)code).ToString()
                : char.ConvertFromUtf32(code));
            line = line[(2 + digits)..];
        }

        return text.ToString();
    }

    // Bytes that the escape takes, 0 when malformed.
    private static int Escape(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        if (text.Length < 2)
            return 0;

        value = text[1] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'a' => 7,
            (byte)'b' => 8,
            (byte)'v' => 11,
            (byte)'f' => 12,
            (byte)'\\' or (byte)'\'' or (byte)'"' => text[1],
            _ => 0,
        };
        if (value != 0)
            return 2;

        if (text[1] == (byte)'x' && text.Length >= 4 && TryHex(text.Slice(2, 2), out int hex))
        {
            value = (byte)hex;
            return 4;
        }

        int octal = 0;
        int length = 1;
        while (length < text.Length && length < 4 && text[length] is >= (byte)'0' and <= (byte)'7')
            octal = (octal * 8) + (text[length++] - '0');

        value = (byte)octal;
        return length > 1 && octal < 256 ? length : 0;
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out int value) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
}
