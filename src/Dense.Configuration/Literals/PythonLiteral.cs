using System.Globalization;
using System.Text;

namespace Dense.Configuration.Literals;

/// <summary>Python's notation for plain values, which users of this field write in configurations (E-9).</summary>
public static class PythonLiteral
{
    /// <summary>
    /// Decodes a string the way yacs does: a string that is a Python literal becomes its value, any other stays.
    /// </summary>
    /// <returns>A value as in <see cref="ConfigurationLeaf.Value"/>, or an object that no coercion accepts.</returns>
    public static object? Decode(string text) =>
        new LiteralParser(text).TryParse(out object? value) ? value : text;

    /// <summary>
    /// Writes a value in Python's notation: <c>None</c>, <c>True</c>, <c>1e-05</c>, <c>'a'</c>, <c>(1, 2)</c>.
    /// </summary>
    public static string Format(object? value) => value switch
    {
        null => "None",
        bool b => b ? "True" : "False",
        long i => i.ToString(CultureInfo.InvariantCulture),
        double d => FormatFloat(d),
        string s => FormatString(s),
        Sequence { IsTuple: true, Items: [var only] } => $"({Format(only)},)",
        Sequence sequence => (sequence.IsTuple ? "(" : "[")
            + string.Join(", ", sequence.Items.Select(Format)) + (sequence.IsTuple ? ")" : "]"),
        UnsupportedLiteral unsupported => unsupported.TypeName,
        _ => throw new ArgumentException($"Not a configuration value: {value.GetType()}.", nameof(value)),
    };

    /// <summary>The name of a value's type, as messages use it.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        double => "float",
        string => "string",
        Sequence sequence => sequence.IsTuple ? "tuple" : "list",
        UnsupportedLiteral unsupported => unsupported.TypeName,
        _ => throw new ArgumentException($"Not a configuration value: {value.GetType()}.", nameof(value)),
    };

    // Python switches to an exponent below 1e-4 and from 1e16; .NET finds the same digits but switches elsewhere.
    internal static string FormatFloat(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";

        (string digits, int exponent) = ShortestDigits(Math.Abs(value));
        string sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";

        string whole = digits.PadRight(exponent + 1, '0');
        string fraction = whole.Length > exponent + 1 ? whole[(exponent + 1)..] : "0";
        return $"{sign}{whole[..(exponent + 1)]}.{fraction}";
    }

    // value = 0.d1d2d3… × 10^(exponent + 1), with the fewest digits that give the value back.
    private static (string Digits, int Exponent) ShortestDigits(double value)
    {
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        int end = shortest.IndexOf('E');
        int power = end < 0 ? 0 : int.Parse(shortest.AsSpan(end + 1), CultureInfo.InvariantCulture);
        string mantissa = end < 0 ? shortest : shortest[..end];
        int point = mantissa.IndexOf('.');
        int wholeDigits = point < 0 ? mantissa.Length : point;
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), power + wholeDigits - 1 - (all.Length - digits.Length));
    }

    internal static string FormatString(string value)
    {
        char quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        var text = new StringBuilder().Append(quote);
        foreach (char c in value)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when c == quote || c == '\\' => text.Append('\\').Append(c),
                _ when char.IsControl(c) =>
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        return text.Append(quote).ToString();
    }
}
