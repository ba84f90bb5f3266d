using Dense.Configuration.Literals;

namespace Dense.Configuration.Reading;

/// <summary>
/// Hands a configuration out key by key, typed and checked. Problems are collected, not thrown, and a key that nobody
/// asks for is one: <see cref="Finish"/> reports all of them together.
/// </summary>
/// <remarks>A value with a problem reads as its default, so that reading can go on.</remarks>
public sealed class ConfigurationReader
{
    private readonly ReaderLog _log;
    private readonly ConfigurationSection _section;
    private readonly string _prefix;

    /// <summary>Reads a configuration from its top.</summary>
    public ConfigurationReader(ConfigurationSection configuration)
        : this(new ReaderLog(configuration), configuration, "")
    {
    }

    private ConfigurationReader(ReaderLog log, ConfigurationSection section, string prefix) =>
        (_log, _section, _prefix) = (log, section, prefix);

    /// <summary>Every key that was asked for so far, in that order.</summary>
    public IReadOnlyList<ConfigurationKey> Keys => _log.Keys;

    /// <summary>The reader of a section below; it reads defaults when the configuration has no such section.</summary>
    public ConfigurationReader Section(string name)
    {
        if (_section.Children.GetValueOrDefault(name) is ConfigurationLeaf { Value: not null } leaf)
        {
            Fail(name, $"is a section, found the value {leaf}. Set keys below it: {_prefix}{name}.KEY.");
            _log.Consume(_prefix + name);
        }

        var section = _section.Children.GetValueOrDefault(name) as ConfigurationSection ?? ConfigurationSection.Empty;
        return new ConfigurationReader(_log, section, $"{_prefix}{name}.");
    }

    /// <summary>Reads True or False.</summary>
    public bool Bool(string key, bool @default) => (bool)Read(key, "bool", @default, @default)!;

    /// <summary>Reads an integer.</summary>
    public int Int(string key, int @default, Bounds bounds) =>
        ToInt(key, Read(key, "int", (long)@default, 0L), bounds) ?? @default;

    /// <summary>Reads an integer that may be null.</summary>
    public int? OptionalInt(string key, int? @default, Bounds bounds) =>
        ToInt(key, Read(key, "int or null", (long?)@default, 0L, orNull: true), bounds);

    /// <summary>Reads a number.</summary>
    public double Float(string key, double @default, Bounds bounds) =>
        Inside(key, (double)Read(key, "float", @default, 0.0)!, bounds) ?? @default;

    /// <summary>Reads a number that may be null.</summary>
    public double? OptionalFloat(string key, double? @default, Bounds bounds) =>
        Read(key, "float or null", @default, 0.0, orNull: true) is double value ? Inside(key, value, bounds) : null;

    /// <summary>Reads text.</summary>
    public string Text(string key, string @default) => (string)Read(key, "string", @default, "")!;

    /// <summary>Reads text that may be null; empty text is null.</summary>
    public string? OptionalText(string key, string? @default = null) =>
        Read(key, "string or null", @default, "", orNull: true) is string { Length: > 0 } text ? text : null;

    /// <summary>Reads one of some names.</summary>
    /// <param name="key">The key.</param>
    /// <param name="default">The choice when the key is not set.</param>
    /// <param name="choices">Each name with what it stands for.</param>
    public T Choice<T>(string key, T @default, params IReadOnlyList<(string Name, T Value)> choices)
    {
        string defaultName = choices.First(choice => Equals(choice.Value, @default)).Name;
        string names = string.Join(" | ", choices.Select(choice => choice.Name));
        string text = (string)Read(key, names, defaultName, "")!;
        foreach (var (name, value) in choices)
        {
            if (name == text)
                return value;
        }

        string? nearest = NearestKey.Find(text, choices.Select(choice => choice.Name));
        Fail(key, $"expected {names}, found '{text}'.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
        return @default;
    }

    /// <summary>Reads a list of integers.</summary>
    public IReadOnlyList<int> Ints(string key, IReadOnlyList<int> @default, Bounds bounds) =>
        List(key, "int", Sequence.Of(@default.Select(i => (long)i)), item => ToInt(key, item, bounds));

    /// <summary>Reads a list of numbers.</summary>
    public IReadOnlyList<double> Floats(string key, IReadOnlyList<double> @default, Bounds bounds) =>
        List(key, "float", Sequence.Of(@default), item => item switch
        {
            long i => Inside(key, i, bounds),
            double d => Inside(key, d, bounds),
            _ => (double?)null,
        });

    /// <summary>
    /// Reads a list without looking at its elements. Report what is wrong with them by <see cref="Fail"/>.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="elementType">What the elements are, for the documentation.</param>
    public Sequence List(string key, string elementType) =>
        (Sequence)Read(key, $"list of {elementType}", new Sequence([]), new Sequence([]))!;

    /// <summary>Adds a problem with a key of this section, at the place where its value stands.</summary>
    public void Fail(string key, string message) => _log.Fail(_prefix + key, message);

    /// <summary>Ends reading.</summary>
    /// <returns>The value of every known key with its origin.</returns>
    /// <exception cref="ConfigurationException">There were problems, or keys that nobody asked for.</exception>
    public ConfigurationSection Finish() => _log.Finish();

    private List<T> List<T>(
        string key, string elementType, Sequence @default, Func<object?, T?> convert)
        where T : struct
    {
        var sequence = (Sequence)Read(key, $"list of {elementType}", @default, new Sequence([]))!;
        var values = new List<T>();
        foreach (object? item in sequence.Items)
        {
            int problems = _log.ProblemCount;
            if (convert(item) is { } value)
                values.Add(value);
            else if (problems == _log.ProblemCount)
                Fail(key, $"expected a list of {elementType}, found the element {PythonLiteral.Format(item)}.");
        }

        return values.Count == sequence.Items.Length
            ? values
            : [.. @default.Items.Select(item => convert(item)!.Value)];
    }

    private int? ToInt(string key, object? value, Bounds bounds) => value is not long number
        ? null
        : number is < int.MinValue or > int.MaxValue
            ? (int?)Refuse(key, $"expected an integer of 32 bits, found {number}.")
            : (int?)Inside(key, number, bounds);

    private double? Inside(string key, double value, Bounds bounds) => bounds.Contains(value)
        ? value
        : Refuse(key, $"expected {bounds}, found {PythonLiteral.Format(value)}.");

    private double? Refuse(string key, string message)
    {
        Fail(key, message);
        return null;
    }

    private object? Read(string key, string type, object? @default, object example, bool orNull = false)
    {
        string path = _prefix + key;
        _log.Declare(new ConfigurationKey(path, type, @default));
        if (_section.Children.GetValueOrDefault(key) is not { } node)
            return _log.Resolve(path, @default, Origin.Default);

        object? value = null;
        string? problem = node switch
        {
            ConfigurationLeaf leaf when !Coercion.TryReplace(example, leaf.Value, out value, out _) =>
                Coercion.Explain(@default ?? example, value),
            ConfigurationLeaf => value is null && !orNull ? $"expected {type}, found null." : null,
            _ => $"expected {type}, found a section.",
        };
        if (problem is null)
            return _log.Resolve(path, value, node.Origin);

        _log.Fail(path, problem);
        return @default;
    }
}
