namespace Dense.Configuration.Reading;

/// <summary>What the readers of one configuration share: the keys they know, the values, the problems.</summary>
internal sealed class ReaderLog(ConfigurationSection configuration)
{
    private readonly List<ConfigurationKey> _keys = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<Problem> _problems = [];
    private ConfigurationSection _resolved = ConfigurationSection.Empty;

    private const string Dotted =
        "dots join names on the command line only. In a file write each name on its own line, indented below the last.";

    public IReadOnlyList<ConfigurationKey> Keys => _keys;

    public int ProblemCount => _problems.Count;

    public void Declare(ConfigurationKey key)
    {
        if (!_known.Add(key.Path))
            throw new InvalidOperationException($"The key {key.Path} is read twice.");

        _keys.Add(key);
    }

    /// <summary>Marks a key as seen although it has no value of its own.</summary>
    public void Consume(string path) => _known.Add(path);

    public object? Resolve(string path, object? value, Origin origin)
    {
        _resolved = _resolved.With(path, new ConfigurationLeaf(value, origin));
        return value;
    }

    public void Fail(string path, string message) => _problems.Add(new(path, OriginOf(path), message));

    public ConfigurationSection Finish()
    {
        FindUnknown(configuration, "");
        return _problems.Count == 0 ? _resolved : throw new ConfigurationException(_problems);
    }

    // A key that is not set has the origin "default"; an unknown one always stands somewhere.
    private Origin OriginOf(string path) => configuration.Find(path)?.Origin ?? Origin.Default;

    private void FindUnknown(ConfigurationSection section, string prefix)
    {
        foreach (var (name, node) in section.Children)
        {
            string path = prefix + name;
            bool isName = !name.Contains('.');
            if (isName && (_known.Contains(path) || node is ConfigurationLeaf { Value: null } && IsKnownSection(path)))
                continue;
            if (isName && node is ConfigurationSection inner && IsKnownSection(path))
                FindUnknown(inner, path + ".");
            else
                _problems.Add(new(path, node.Origin, isName ? Unknown(path, node) : Dotted));
        }
    }

    private bool IsKnownSection(string path) =>
        _keys.Any(key => key.Path.StartsWith(path + ".", StringComparison.Ordinal));

    private string Unknown(string path, ConfigurationNode node)
    {
        IEnumerable<string> known = node is ConfigurationSection ? SectionNames() : _keys.Select(key => key.Path);
        string? nearest = NearestKey.Find(path, known);
        return nearest is null
            ? "there is no such key. See: densecl config print --help."
            : $"there is no such key. Did you mean {nearest}?";
    }

    private IEnumerable<string> SectionNames() => _keys
        .SelectMany(key => key.Path.Select((c, i) => c == '.' ? key.Path[..i] : ""))
        .Where(name => name.Length > 0).Distinct();
}
