using System.Globalization;
using System.Text;

namespace Dense.Configuration.Literals;

/// <summary>Python's strings (E-9): both quotes, triple quotes, the prefixes r, b and u, and escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Whether a string begins here, possibly with a prefix.</summary>
    public static bool StartsAt(string text, int position) => PrefixLength(text, position) >= 0;

    /// <summary>Reads one string and moves behind it.</summary>
    /// <returns>False when the string does not end or holds an escape that Python refuses.</returns>
    public static bool TryRead(string text, ref int position, out string value, out bool isBytes)
    {
        value = "";
        string prefix = text.Substring(position, PrefixLength(text, position)).ToLowerInvariant();
        isBytes = prefix.Contains('b');
        bool raw = prefix.Contains('r');
        position += prefix.Length;

        char quote = text[position];
        string end = text.AsSpan(position).StartsWith([quote, quote, quote]) ? new string(quote, 3) : quote.ToString();
        position += end.Length;

        var content = new StringBuilder();
        while (position < text.Length)
        {
            if (string.CompareOrdinal(text, position, end, 0, end.Length) == 0)
            {
                position += end.Length;
                value = content.ToString();
                return true;
            }

            char c = text[position++];
            if (c is '\n' or '\r' && end.Length == 1)
                return false;

            if (c != '\\')
                content.Append(c);
            else if (position == text.Length)
                return false;
            else if (raw)
                content.Append(c).Append(text[position++]);
            else if (!TryEscape(text, ref position, content))
                return false;
        }

        return false;
    }

    private static int PrefixLength(string text, int position)
    {
        int length = 0;
        while (length < 3 && position + length < text.Length && text[position + length] is not ('\'' or '"'))
            length++;
        if (length == 3 || position + length >= text.Length)
            return -1;

        return text.Substring(position, length).ToLowerInvariant() is "" or "r" or "b" or "u" or "rb" or "br"
            ? length
            : -1;
    }

    private static bool TryEscape(string text, ref int position, StringBuilder content)
    {
        char c = text[position++];
        switch (c)
        {
            case '\n':
                return true;
            case '\\' or '\'' or '"':
                content.Append(c);
                return true;
            case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v':
                content.Append("\a\b\f\n\r\t\v"["abfnrtv".IndexOf(c)]);
                return true;
            case 'x':
                return TryCode(text, ref position, 2, content);
            case 'u':
                return TryCode(text, ref position, 4, content);
            case 'U':
                return TryCode(text, ref position, 8, content);
            case 'N':
                return false;
            case >= '0' and <= '7':
                position--;
                AppendOctal(text, ref position, content);
                return true;
            default:
                content.Append('\\').Append(c);
                return true;
        }
    }

    private static bool TryCode(string text, ref int position, int length, StringBuilder content)
    {
        if (position + length > text.Length
            || !uint.TryParse(text.AsSpan(position, length), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out uint code)
            || !Rune.IsValid(code))
        {
            return false;
        }

        position += length;
        content.Append(new Rune(code).ToString());
        return true;
    }

    private static void AppendOctal(string text, ref int position, StringBuilder content)
    {
        int code = 0;
        for (int i = 0; i < 3 && position < text.Length && text[position] is >= '0' and <= '7'; i++)
            code = code * 8 + (text[position++] - '0');

        content.Append((char)code);
    }
}
