using Dense.Configuration.Literals;
using Dense.Configuration.Reading;

namespace Dense.Configuration.Detection;

/// <summary>
/// Hands the values of a merged configuration out, checked. Problems are collected; a value with a problem reads as its
/// default, so that reading can go on. What nobody asks for has no effect, see <see cref="Unread"/>.
/// </summary>
/// <param name="configuration">The configuration to read.</param>
public sealed class MergedReader(MergedConfiguration configuration)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>What is wrong so far.</summary>
    public List<Problem> Problems { get; } = [];

    /// <summary>What the user should know so far, beginning with what the merge found.</summary>
    public List<Problem> Warnings { get; } = [.. configuration.Warnings];

    /// <summary>Reads True or False.</summary>
    public bool Bool(string key) => Value<bool>(key, "bool");

    /// <summary>Reads an integer.</summary>
    public int Int(string key, Bounds bounds)
    {
        long value = Long(key, bounds);
        if (value is >= int.MinValue and <= int.MaxValue)
            return (int)value;

        Fail(key, $"expected an integer of 32 bits, found {value}.");
        return (int)(long)Default(key)!;
    }

    /// <summary>Reads an integer of 64 bits.</summary>
    public long Long(string key, Bounds bounds)
    {
        long value = Value<long>(key, "int");
        return IsInside(key, value, bounds) ? value : (long)Default(key)!;
    }

    /// <summary>Reads a number in a range.</summary>
    public double Float(string key, Bounds bounds)
    {
        double value = Float(key);
        return IsInside(key, value, bounds) ? value : ToFloat(Default(key));
    }

    /// <summary>Reads any number, infinity and NaN too.</summary>
    public double Float(string key) =>
        Raw(key) is { } raw and (long or double) ? ToFloat(raw) : Refused(key, "float", ToFloat);

    /// <summary>Reads a number that may be null.</summary>
    public double? OptionalFloat(string key, Bounds bounds) => Raw(key) switch
    {
        null => null,
        { } raw and (long or double) => IsInside(key, raw, bounds) ? ToFloat(raw) : null,
        _ => Refused(key, "float or null", _ => (double?)null),
    };

    /// <summary>Reads text.</summary>
    public string Text(string key) => Value<string>(key, "string");

    /// <summary>Reads text that may be null; empty text is null.</summary>
    public string? OptionalText(string key) => Raw(key) switch
    {
        null or "" => null,
        string text => text,
        _ => Refused(key, "string or null", _ => (string?)null),
    };

    /// <summary>Reads one of some names.</summary>
    /// <param name="key">The key.</param>
    /// <param name="choices">Each name with what it stands for.</param>
    public T Choice<T>(string key, params IReadOnlyList<(string Name, T Value)> choices)
    {
        string text = Text(key);
        foreach (var (name, value) in choices)
        {
            if (name == text)
                return value;
        }

        string names = string.Join(" | ", choices.Select(choice => Quoted(choice.Name)));
        string? nearest = NearestKey.Find(text, choices.Select(choice => choice.Name).Where(name => name.Length > 0));
        Fail(key, $"expected {names}, found {Quoted(text)}.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
        return choices[0].Value;
    }

    /// <summary>Reads a list of integers.</summary>
    public IReadOnlyList<int> Ints(string key, Bounds bounds) => Items(key, "int", item =>
        item is long value and >= int.MinValue and <= int.MaxValue && IsInside(key, value, bounds)
            ? (int)value
            : (int?)null);

    /// <summary>Reads a list of numbers.</summary>
    public IReadOnlyList<double> Floats(string key, Bounds bounds) => Items(key, "float", item =>
        item is long or double && IsInside(key, ToFloat(item), bounds) ? ToFloat(item) : (double?)null);

    /// <summary>Reads a list of True and False.</summary>
    public IReadOnlyList<bool> Bools(string key) => Items(key, "bool", item => item as bool?);

    /// <summary>Reads a list of names.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        Sequence list = List(key);
        if (list.Items.All(item => item is string))
            return [.. list.Items.Cast<string>()];

        Fail(key, $"expected a list of strings, found {PythonLiteral.Format(list)}.");
        return [.. ((Sequence)Default(key)!).Items.OfType<string>()];
    }

    /// <summary>Reads a list whose elements the caller checks; report what is wrong by <see cref="Fail"/>.</summary>
    public Sequence List(string key) => Value<Sequence>(key, "list");

    /// <summary>Whether a key has its default value. Does not count as reading.</summary>
    public bool IsDefault(string key) => configuration.IsDefault(key);

    /// <summary>Adds a problem with a key, at the place where its value stands.</summary>
    public void Fail(string key, string message) => Problems.Add(new Problem(key, OriginOf(key), message));

    /// <summary>Adds a warning about a key.</summary>
    public void Warn(string key, string message) => Warnings.Add(new Problem(key, OriginOf(key), message));

    /// <summary>
    /// The keys that are not at their default and that nobody asked for, in the order of the defaults.
    /// </summary>
    public IReadOnlyList<string> Unread() =>
        [.. configuration.Tree.Leaves().Select(leaf => leaf.Key).Where(key => !_read.Contains(key) && !IsDefault(key))];

    private object? Raw(string key)
    {
        _read.Add(key);
        return configuration.Tree.Leaf(key).Value;
    }

    private T Value<T>(string key, string type) =>
        Raw(key) is T value ? value : Refused(key, type, @default => (T)@default!);

    // Every key accepts null, and a key that was null accepts any value (E-10); few settings can be null.
    private T Refused<T>(string key, string type, Func<object?, T> fromDefault)
    {
        object? found = Raw(key);
        Fail(key, $"expected {type}, found {PythonLiteral.TypeName(found)} {PythonLiteral.Format(found)}.");
        return fromDefault(Default(key));
    }

    private IReadOnlyList<T> Items<T>(string key, string type, Func<object?, T?> convert)
        where T : struct
    {
        Sequence list = List(key);
        int problems = Problems.Count;
        var values = list.Items.Select(convert).ToList();
        if (values.TrueForAll(value => value is not null))
            return [.. values.Select(value => value!.Value)];

        if (Problems.Count == problems)
            Fail(key, $"expected a list of {type}, found {PythonLiteral.Format(list)}.");

        return [.. ((Sequence)Default(key)!).Items.Select(item => convert(item)!.Value)];
    }

    private bool IsInside(string key, object value, Bounds bounds)
    {
        bool inside = bounds.Contains(ToFloat(value));
        if (!inside)
            Fail(key, $"expected {bounds}, found {PythonLiteral.Format(value)}.");

        return inside;
    }

    private Origin OriginOf(string key) => configuration.Tree.Find(key)?.Origin ?? Origin.Default;

    private static double ToFloat(object? value) => value is long whole ? whole : (double)value!;

    private static object? Default(string key) => DetectionDefaults.Tree.Leaf(key).Value;

    private static string Quoted(string name) => name.Length == 0 ? "''" : name;
}
