using Dense.Configuration.Literals;
using Dense.Configuration.Reading;

namespace Dense.Configuration.Detection;

/// <summary>
/// Lays trees over the defaults: no key that is not there, no value of another type (E-9 to E-11). Problems are
/// collected; a value with a problem leaves the one below it.
/// </summary>
internal sealed class StrictMerge(ConfigurationSection defaults)
{
    /// <summary>The defaults with everything laid over them so far.</summary>
    public ConfigurationSection Tree { get; private set; } = defaults;

    public List<Problem> Problems { get; } = [];

    public List<Problem> Warnings { get; } = [];

    public void Lay(ConfigurationSection over) => Tree = Merge(Tree, over, "");

    private ConfigurationSection Merge(ConfigurationSection current, ConfigurationSection over, string prefix)
    {
        var children = new OrderedDictionary<string, ConfigurationNode>(StringComparer.Ordinal);
        foreach (var (name, node) in current.Children)
            children[name] = node;

        foreach (var (name, node) in over.Children)
        {
            string key = prefix + name;
            if (children.TryGetValue(name, out ConfigurationNode? old))
                children[name] = Replace(old, node, key);
            else
                Problems.Add(Unknown(key, node));
        }

        return new ConfigurationSection(children, current.Origin);
    }

    private ConfigurationNode Replace(ConfigurationNode old, ConfigurationNode node, string key)
    {
        switch (old, node)
        {
            case (ConfigurationSection section, ConfigurationSection over):
                return Merge(section, over, key + ".");
            case (ConfigurationSection, ConfigurationLeaf leaf):
                Problems.Add(new(
                    key, node.Origin, $"is a section, found {Describe(leaf)}. Set keys below it: {key}.KEY."));
                return old;
            case (ConfigurationLeaf leaf, ConfigurationSection):
                Problems.Add(new(key, node.Origin, $"expected a value, such as {leaf}, found a section."));
                return old;
            default:
                return Replace((ConfigurationLeaf)old, (ConfigurationLeaf)node, key);
        }
    }

    private ConfigurationLeaf Replace(ConfigurationLeaf old, ConfigurationLeaf node, string key)
    {
        if (!Coercion.TryReplace(old.Value, node.Value, out object? value, out bool widened))
        {
            Problems.Add(new(key, node.Origin, Coercion.Explain(old.Value, value)));
            return old;
        }

        if (widened)
        {
            string number = PythonLiteral.Format(value);
            Warnings.Add(new(key, node.Origin, $"the int is read as {number}. AdelaiDet refuses it: write {number}."));
        }

        return new ConfigurationLeaf(value, node.Origin);
    }

    private Problem Unknown(string key, ConfigurationNode node)
    {
        // A pair has one value, and its full key is what the user wrote.
        bool isPair = node.Origin == Origin.CommandLine;
        bool isSection = node is ConfigurationSection && !isPair;
        if (isPair && node is ConfigurationSection section)
            key = $"{key}.{section.Leaves().First().Key}";

        string message = isPair ? $"Non-existent key: {key}." : $"Non-existent config key: {key}.";
        if (!isPair && Tree.Find(key) is not null)
        {
            return new(key, node.Origin, $"{message} Dots join names on the command line only. In a file write each "
                + "name on its own line, indented below the last.");
        }

        IEnumerable<string> known = Tree.Leaves().Select(leaf => leaf.Key);
        string? nearest = NearestKey.Find(key, isSection ? known.SelectMany(SectionsOf) : known);
        return new(key, node.Origin, nearest is null ? message : $"{message} Did you mean {nearest}?");
    }

    private static IEnumerable<string> SectionsOf(string key) =>
        key.Select((c, i) => c == '.' ? key[..i] : "").Where(name => name.Length > 0);

    private static string Describe(ConfigurationLeaf leaf) =>
        $"{PythonLiteral.TypeName(leaf.Value)} {PythonLiteral.Format(leaf.Value)}";
}
