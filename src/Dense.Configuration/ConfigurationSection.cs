namespace Dense.Configuration;

/// <summary>An inner node: names with the nodes below them, in the order in which they were first written.</summary>
public sealed class ConfigurationSection : ConfigurationNode
{
    private readonly OrderedDictionary<string, ConfigurationNode> _children;

    /// <summary>Creates a section; a repeated name keeps its last node (E-2).</summary>
    public ConfigurationSection(IEnumerable<KeyValuePair<string, ConfigurationNode>> children, Origin origin)
        : base(origin)
    {
        _children = new(StringComparer.Ordinal);
        List<string> repeated = [];
        foreach (var (name, node) in children)
        {
            if (_children.ContainsKey(name))
                repeated.Add(name);

            _children[name] = node;
        }

        RepeatedNames = repeated;
    }

    /// <summary>A section without content.</summary>
    public static ConfigurationSection Empty { get; } = new([], Origin.Default);

    /// <summary>The names and nodes of this section.</summary>
    public IReadOnlyDictionary<string, ConfigurationNode> Children => _children;

    /// <summary>Names that the section was created with more than once; the earlier nodes are lost.</summary>
    public IReadOnlyList<string> RepeatedNames { get; }

    /// <summary>Finds a node by its full key, such as <c>SOLVER.BASE_LR</c>; null when there is none.</summary>
    public ConfigurationNode? Find(string key)
    {
        ConfigurationNode? node = this;
        foreach (string name in key.Split('.'))
            node = node is ConfigurationSection section ? section._children.GetValueOrDefault(name) : null;

        return node;
    }

    /// <summary>The value of a full key that is there.</summary>
    /// <exception cref="ArgumentException">It is not, or is a section.</exception>
    public ConfigurationLeaf Leaf(string key) =>
        Find(key) as ConfigurationLeaf ?? throw new ArgumentException($"{key} has no value.", nameof(key));

    /// <summary>
    /// This section with <paramref name="over"/> laid on top: sections merge, values are replaced (E-5).
    /// </summary>
    /// <exception cref="ConfigurationException">A section was laid over a value.</exception>
    public ConfigurationSection MergedWith(ConfigurationSection over) => MergedWith(over, prefix: "");

    /// <summary>This section with one value set; sections on the way are created.</summary>
    /// <param name="key">The full key, parts separated by dots.</param>
    /// <param name="node">What to put there.</param>
    /// <exception cref="ConfigurationException">The key leads through a value.</exception>
    public ConfigurationSection With(string key, ConfigurationNode node)
    {
        string[] names = key.Split('.');
        for (int i = names.Length - 1; i >= 0; i--)
            node = new ConfigurationSection([new(names[i], node)], node.Origin);

        return MergedWith((ConfigurationSection)node);
    }

    /// <summary>This section without one name.</summary>
    public ConfigurationSection Without(string name) =>
        new(_children.Where(child => child.Key != name), Origin);

    /// <summary>This section without the node of a full key; sections that become empty go with it.</summary>
    public ConfigurationSection WithoutKey(string key) => Find(key) is null ? this : WithoutKey(key.Split('.'));

    /// <summary>Every value below this section with its full key, in the order of the section.</summary>
    public IEnumerable<(string Key, ConfigurationLeaf Leaf)> Leaves()
    {
        foreach (var (name, node) in _children)
        {
            if (node is ConfigurationLeaf leaf)
                yield return (name, leaf);
            foreach (var (key, inner) in (node as ConfigurationSection)?.Leaves() ?? [])
                yield return ($"{name}.{key}", inner);
        }
    }

    /// <summary>
    /// Moves the node of a key that had another name before. Nothing happens when the old key is absent; when both are
    /// there the new one is kept.
    /// </summary>
    /// <param name="oldKey">The full key as older files write it.</param>
    /// <param name="newKey">The full key of today.</param>
    public ConfigurationSection Renamed(string oldKey, string newKey)
    {
        if (Find(oldKey) is not { } node)
            return this;

        ConfigurationSection rest = WithoutKey(oldKey.Split('.'));
        return rest.Find(newKey) is null ? rest.With(newKey, node) : rest;
    }

    private ConfigurationSection WithoutKey(ReadOnlySpan<string> names)
    {
        if (names.Length == 1)
            return Without(names[0]);

        var children = new OrderedDictionary<string, ConfigurationNode>(_children, StringComparer.Ordinal);
        ConfigurationSection inner = ((ConfigurationSection)children[names[0]]).WithoutKey(names[1..]);
        if (inner._children.Count == 0)
            children.Remove(names[0]);
        else
            children[names[0]] = inner;

        return new ConfigurationSection(children, Origin);
    }

    private ConfigurationSection MergedWith(ConfigurationSection over, string prefix)
    {
        var merged = new OrderedDictionary<string, ConfigurationNode>(_children, StringComparer.Ordinal);
        foreach (var (name, node) in over._children)
            merged[name] = Merge(_children.GetValueOrDefault(name), node, prefix + name);

        return new ConfigurationSection(merged, over.Origin);
    }

    private static ConfigurationNode Merge(ConfigurationNode? below, ConfigurationNode node, string key) =>
        (below, node) switch
        {
            (ConfigurationSection old, ConfigurationSection section) => old.MergedWith(section, key + "."),
            (ConfigurationLeaf old, ConfigurationSection) => throw new ConfigurationException(new Problem(
                key, node.Origin,
                $"cannot inherit: this is a section, but {old.Origin} sets the value {old}. Remove one of the two.")),
            _ => node,
        };
}
