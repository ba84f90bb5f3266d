using System.Globalization;
using System.Text.RegularExpressions;
using Dense.Configuration.Literals;

namespace Dense.Configuration.Yaml;

/// <summary>What an unquoted YAML scalar means: YAML 1.1 as PyYAML's safe loader reads it (E-2).</summary>
internal static partial class YamlScalar
{
    // Every integer below is exact as a double.
    private const double MaximumExact = 1L << 53;

    [GeneratedRegex(@"\A(?:yes|Yes|YES|true|True|TRUE|on|On|ON)\z")]
    private static partial Regex True { get; }

    [GeneratedRegex(@"\A(?:no|No|NO|false|False|FALSE|off|Off|OFF)\z")]
    private static partial Regex False { get; }

    [GeneratedRegex(@"\A(?:~|null|Null|NULL|)\z")]
    private static partial Regex Null { get; }

    [GeneratedRegex("""
        \A(?:[-+]?0b[01_]+ |[-+]?0[0-7_]+ |[-+]?(?:0|[1-9][0-9_]*) |[-+]?0x[0-9a-fA-F_]+
        |[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Int { get; }

    [GeneratedRegex("""
        \A(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)? |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?
        |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]* |[-+]?\.(?:inf|Inf|INF) |\.(?:nan|NaN|NAN))\z
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Float { get; }

    [GeneratedRegex("""
        \A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}
        |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[\x20\t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
        (?:[\x20\t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)\z
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Timestamp { get; }

    /// <summary>The value of a plain scalar; a string when no rule matches.</summary>
    public static object? Resolve(string text)
    {
        if (Null.IsMatch(text))
            return null;
        if (True.IsMatch(text))
            return true;
        if (False.IsMatch(text))
            return false;
        if (Int.IsMatch(text))
            return ToInt(text);
        if (Float.IsMatch(text))
            return ToFloat(text);

        return Timestamp.IsMatch(text) ? new UnsupportedLiteral("timestamp") : text;
    }

    // A number can match the pattern and still have no digits ("0x_"): PyYAML fails there, here it stays text.
    private static object ToInt(string text)
    {
        (bool negative, string digits) = SignAndDigits(text);
        (int radix, string rest) = digits switch
        {
            "0" => (10, digits),
            ['0', 'b', .. var bits] => (2, bits),
            ['0', 'x', .. var hex] => (16, hex),
            ['0', .. var octal] => (8, octal),
            _ => (10, digits),
        };
        if (rest.Contains(':'))
        {
            double value = Sexagesimal(rest);
            return value < MaximumExact ? (long)(negative ? -value : value) : NumberLiteral.TooLarge;
        }

        if (rest.Length == 0)
            return text;

        return NumberLiteral.TryToInt64(rest, radix, out long i) ? (negative ? -i : i) : NumberLiteral.TooLarge;
    }

    private static double ToFloat(string text)
    {
        (bool negative, string digits) = SignAndDigits(text);
        double value = digits.ToLowerInvariant() switch
        {
            ".inf" => double.PositiveInfinity,
            ".nan" => double.NaN,
            _ when digits.Contains(':') => Sexagesimal(digits),
            _ => double.Parse(digits, CultureInfo.InvariantCulture),
        };
        return negative ? -value : value;
    }

    private static double Sexagesimal(string digits)
    {
        double value = 0;
        foreach (string part in digits.Split(':'))
            value = value * 60 + double.Parse(part, CultureInfo.InvariantCulture);

        return value;
    }

    private static (bool Negative, string Digits) SignAndDigits(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        return (digits[0] == '-', digits[0] is '-' or '+' ? digits[1..] : digits);
    }
}
