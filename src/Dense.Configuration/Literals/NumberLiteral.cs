using System.Globalization;

namespace Dense.Configuration.Literals;

/// <summary>Python's numbers (E-9): decimal, hexadecimal, octal and binary integers, and floats.</summary>
internal static class NumberLiteral
{
    /// <summary>Reads a number with an optional sign and moves behind it.</summary>
    public static bool TryRead(string text, ref int position, out object? value)
    {
        value = null;
        bool negative = At(text, position) == '-';
        if (At(text, position) is '+' or '-')
        {
            position++;
            while (At(text, position) is ' ' or '\t')
                position++;
        }

        int start = position;
        while (IsPart(text, position, start))
            position++;

        string token = text[start..position];
        if (token.EndsWith('j') || token.EndsWith('J'))
        {
            value = new UnsupportedLiteral("complex");
            return IsImaginary(token[..^1]);
        }

        if (!TryMagnitude(token, out object? magnitude))
            return false;

        value = magnitude switch
        {
            long i => negative ? -i : i,
            double d => negative ? -d : d,
            _ => magnitude,
        };
        return true;
    }

    // Before "j" leading zeros are allowed, other radixes are not.
    private static bool IsImaginary(string token)
    {
        bool hasRadix = token.Length > 1 && token[0] == '0' && char.ToLowerInvariant(token[1]) is 'x' or 'o' or 'b';
        if (hasRadix || token.Length == 0)
            return false;

        bool isWhole = char.IsAsciiDigit(token[0]) && token.All(c => char.IsAsciiDigit(c) || c == '_');
        return TryMagnitude(isWhole ? "1" + token : token, out _);
    }

    private static char At(string text, int position) => position < text.Length ? text[position] : '\0';

    // Takes in the sign of an exponent; whatever else touches the number makes the whole token wrong, as in Python.
    private static bool IsPart(string text, int position, int start)
    {
        char c = At(text, position);
        if (char.IsLetterOrDigit(c) || c is '_' or '.')
            return true;

        bool hexadecimal = At(text, start) == '0' && At(text, start + 1) is 'x' or 'X';
        return c is '+' or '-' && position > start && At(text, position - 1) is 'e' or 'E' && !hexadecimal;
    }

    private static bool TryMagnitude(string token, out object? value)
    {
        value = null;
        if (token.Length == 0 || token[^1] == '_' || token.Contains("__", StringComparison.Ordinal) || token[0] == '_')
            return false;

        if (token.Length > 2 && token[0] == '0' && char.ToLowerInvariant(token[1]) is 'x' or 'o' or 'b')
        {
            string places = token[2..].Replace("_", "", StringComparison.Ordinal);
            return TryRadix(char.ToLowerInvariant(token[1]), places, out value);
        }

        if (!UnderscoresAreBetweenDigits(token))
            return false;

        string digits = token.Replace("_", "", StringComparison.Ordinal);
        if (digits.All(char.IsAsciiDigit))
            return TryDecimal(digits, out value);

        // The .NET parser would also take "Infinity" and "NaN", which are names in Python.
        const NumberStyles Float = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (digits.Any(c => !char.IsAsciiDigit(c) && c is not ('.' or 'e' or 'E' or '+' or '-'))
            || !double.TryParse(digits, Float, CultureInfo.InvariantCulture, out double d))
        {
            return false;
        }

        value = d;
        return true;
    }

    private static bool UnderscoresAreBetweenDigits(string token)
    {
        for (int i = 1; i < token.Length - 1; i++)
        {
            if (token[i] == '_' && !(char.IsAsciiDigit(token[i - 1]) && char.IsAsciiDigit(token[i + 1])))
                return false;
        }

        return true;
    }

    private static bool TryDecimal(string digits, out object? value)
    {
        value = null;
        if (digits.Length > 1 && digits[0] == '0' && digits.Any(c => c != '0'))
            return false;

        value = long.TryParse(digits, CultureInfo.InvariantCulture, out long i) ? i : TooLarge;
        return true;
    }

    private static bool TryRadix(char kind, string digits, out object? value)
    {
        int radix = kind switch { 'x' => 16, 'o' => 8, _ => 2 };
        value = null;
        if (digits.Length == 0 || digits.Any(c => !char.IsAsciiHexDigit(c) || Convert.ToInt32($"{c}", 16) >= radix))
            return false;

        value = TryToInt64(digits, radix, out long i) ? i : TooLarge;
        return true;
    }

    internal static object TooLarge { get; } = new UnsupportedLiteral("integer of more than 64 bits");

    internal static bool TryToInt64(string digits, int radix, out long value)
    {
        value = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.ToLowerInvariant(c) - 'a' + 10;
            if (value > (long.MaxValue - digit) / radix)
                return false;

            value = value * radix + digit;
        }

        return true;
    }
}
