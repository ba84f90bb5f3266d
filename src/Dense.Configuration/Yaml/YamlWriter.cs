using System.Text;
using Dense.Configuration.Literals;

namespace Dense.Configuration.Yaml;

/// <summary>Writes a configuration so that reading it gives the same values (E-13).</summary>
public static class YamlWriter
{
    /// <summary>Writes block style, keys sorted by code point, two spaces per level.</summary>
    /// <param name="section">What to write.</param>
    /// <param name="withOrigins">Whether a comment behind each value says where it comes from.</param>
    public static string Write(ConfigurationSection section, bool withOrigins = false)
    {
        var text = new StringBuilder();
        WriteSection(text, section, indent: 0, withOrigins);
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, ConfigurationSection section, int indent, bool withOrigins)
    {
        foreach (var (name, node) in section.Children.OrderBy(child => child.Key, StringComparer.Ordinal))
        {
            text.Append(' ', indent).Append(Text(name)).Append(':');
            switch (node)
            {
                case ConfigurationSection { Children.Count: 0 }:
                    text.Append(" {}\n");
                    break;
                case ConfigurationSection inner:
                    text.Append('\n');
                    WriteSection(text, inner, indent + 2, withOrigins);
                    break;
                case ConfigurationLeaf leaf:
                    WriteLeaf(text, leaf, indent, withOrigins);
                    break;
            }
        }
    }

    private static void WriteLeaf(StringBuilder text, ConfigurationLeaf leaf, int indent, bool withOrigins)
    {
        string origin = withOrigins ? $"  # {leaf.Origin}" : "";
        if (leaf.Value is Sequence { Items.Length: > 0 } sequence)
        {
            text.Append(origin).Append('\n');
            WriteItems(text, sequence, indent, firstIsStarted: false);
        }
        else
        {
            text.Append(' ').Append(Top(leaf.Value)).Append(origin).Append('\n');
        }
    }

    private static void WriteItems(StringBuilder text, Sequence sequence, int indent, bool firstIsStarted)
    {
        foreach (object? item in sequence.Items)
        {
            text.Append(' ', firstIsStarted ? 0 : indent).Append("- ");
            firstIsStarted = false;
            if (item is Sequence { Items.Length: > 0 } inner)
                WriteItems(text, inner, indent + 2, firstIsStarted: true);
            else
                text.Append(Scalar(item)).Append('\n');
        }
    }

    // Text at the top of a value is decoded as a Python literal when it is read: protect what is none.
    private static string Top(object? value) =>
        value is string s && !s.Equals(PythonLiteral.Decode(s))
            ? Text(PythonLiteral.FormatString(s))
            : Scalar(value);

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        double.PositiveInfinity => ".inf",
        double.NegativeInfinity => "-.inf",
        double.NaN => ".nan",
        double d => WithPoint(PythonLiteral.FormatFloat(d)),
        string s => Text(s),
        Sequence { Items.Length: 0 } => "[]",
        _ => PythonLiteral.Format(value),
    };

    // YAML 1.1 takes 1e-05 for text.
    private static string WithPoint(string number) =>
        number.Contains('.') ? number : number.Replace("e", ".0e", StringComparison.Ordinal);

    private static string Text(string value)
    {
        if (IsPlain(value))
            return value;
        if (value.Any(c => char.IsControl(c) || c is '\'' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF'))
            return DoubleQuoted(value);

        return $"'{value}'";
    }

    private static bool IsPlain(string value) =>
        value.Length > 0 && YamlScalar.Resolve(value) is string && value != "<<" && value != "="
        && (char.IsAsciiLetterOrDigit(value[0]) || value[0] is '_' or '.' or '/' or '\\' or '(' or '^' or '$')
        && value.All(c => char.IsAsciiLetterOrDigit(c) || "_./\\()^$-+*?|<>=,:@%~ #[]".Contains(c))
        && !value.Contains(": ", StringComparison.Ordinal) && !value.Contains(" #", StringComparison.Ordinal)
        && value[^1] is not (' ' or ':') && !value.StartsWith("...", StringComparison.Ordinal);

    private static string DoubleQuoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                _ when char.IsControl(c) || c is '\u0085' or '\u2028' or '\u2029' or '\uFEFF' =>
                    text.Append($"\\u{(int)c:X4}"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
