using Dense.Configuration.Literals;

namespace Dense.Configuration;

/// <summary>Which values may take the place of which (E-9, E-10).</summary>
public static class Coercion
{
    /// <summary>Decodes and converts a value that replaces another.</summary>
    /// <param name="current">The value to replace; null accepts any type.</param>
    /// <param name="candidate">The new value; text at the top is decoded as a Python literal first.</param>
    /// <param name="result">The new value, converted to the type of <paramref name="current"/>.</param>
    /// <param name="widened">Whether an int became a float, which the reference refuses.</param>
    /// <returns>False when the types do not agree; <paramref name="result"/> is the decoded value then.</returns>
    public static bool TryReplace(object? current, object? candidate, out object? result, out bool widened)
    {
        result = candidate is string text ? PythonLiteral.Decode(text) : candidate;
        widened = false;
        switch (current, result)
        {
            case (_, UnsupportedLiteral):
                return false;
            case (null, _) or (_, null) or (bool, bool) or (long, long) or (double, double) or (string, string):
                return true;
            case (double, long whole):
                widened = true;
                result = (double)whole;
                return true;
            case (Sequence old, Sequence sequence):
                result = sequence with { IsTuple = old.IsTuple };
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Says why <see cref="TryReplace"/> refused, with both types, both values and the right spelling.
    /// </summary>
    public static string Explain(object? current, object? decoded)
    {
        string expected = PythonLiteral.TypeName(current);
        string found = PythonLiteral.TypeName(decoded);
        string message = $"expected {expected} such as {PythonLiteral.Format(current)}, "
            + $"found {found} {PythonLiteral.Format(decoded)}.";
        return (current, decoded) switch
        {
            (Sequence, string s) => $"{message} Write \"({PythonLiteral.Format(s)},)\" for one element.",
            (Sequence, long or double) => $"{message} Write \"({PythonLiteral.Format(decoded)},)\" for one element.",
            (bool, string) => $"{message} Write True or False.",
            (string, not (null or UnsupportedLiteral)) =>
                $"{message} Write \"'{PythonLiteral.Format(decoded)}'\" to keep it text.",
            _ => message,
        };
    }
}
