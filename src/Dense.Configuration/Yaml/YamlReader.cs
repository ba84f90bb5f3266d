using System.Collections.Immutable;
using System.Globalization;
using Dense.Configuration.Literals;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dense.Configuration.Yaml;

/// <summary>
/// Builds a tree from the events of the YAML parser (E-1 to E-3). Runs nothing, resolves no types by name.
/// </summary>
internal sealed class YamlReader
{
    // A configuration has some hundreds of nodes, five levels deep. The limits stop what only an attack contains.
    private const int MaximumDepth = 50;
    private const int MaximumNodes = 20_000;

    private const string Core = "tag:yaml.org,2002:";

    private readonly IParser _parser;
    private readonly string _file;
    private readonly Dictionary<AnchorName, (ConfigurationNode Node, int Size)> _anchors = [];
    private int _nodes;
    private int _depth;

    private YamlReader(string text, string file) => (_parser, _file) = (new Parser(new StringReader(text)), file);

    /// <summary>Reads one document. An empty text is an empty section (E-6).</summary>
    /// <exception cref="ConfigurationException">The text is not such a document.</exception>
    public static ConfigurationSection Read(string text, string file)
    {
        try
        {
            return new YamlReader(text, file).ReadDocument();
        }
        catch (YamlException e)
        {
            throw Refuse(file, (int)e.Start.Line, $"not valid YAML: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException
            or OverflowException or IndexOutOfRangeException)
        {
            // What the parser throws for some malformed input instead of its own exception.
            throw Refuse(file, 0, $"not valid YAML: {e.Message}");
        }
    }

    private ConfigurationSection ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return ConfigurationSection.Empty;

        _parser.Consume<DocumentStart>();
        int line = Line(_parser.Current!);
        object? root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
            throw Refuse(_file, Line(_parser.Current!), "a second YAML document begins here; expected one.");

        return root switch
        {
            ConfigurationSection section => section,
            ConfigurationLeaf { Value: null } => ConfigurationSection.Empty,
            _ => throw Refuse(_file, line, "expected keys at the top level (KEY: value), found one value or a list."),
        };
    }

    private ConfigurationNode ReadNode()
    {
        int before = _nodes;
        Count(1);
        if (_parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
            return Known(alias);

        var start = _parser.Consume<NodeEvent>();
        if (++_depth > MaximumDepth)
            throw Refuse(_file, Line(start), $"nested deeper than {MaximumDepth} levels.");

        ConfigurationNode node = start switch
        {
            Scalar scalar => new ConfigurationLeaf(ScalarValue(scalar), At(start)),
            SequenceStart sequence => new ConfigurationLeaf(SequenceValue(sequence), At(start)),
            MappingStart mapping => ReadSection(mapping),
            _ => throw Refuse(_file, Line(start), "unexpected content."),
        };
        _depth--;
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor] = (node, _nodes - before);

        return node;
    }

    private ConfigurationNode Known(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var anchored))
        {
            throw Refuse(
                _file, Line(alias), $"the alias *{alias.Value} stands for nothing, or for what it is part of.");
        }

        Count(anchored.Size);
        return anchored.Node;
    }

    private ConfigurationSection ReadSection(MappingStart start)
    {
        RequireTag(start.Tag, start, "map");
        var own = new List<KeyValuePair<string, ConfigurationNode>>();
        var inherited = new List<ConfigurationSection>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            string key = ReadKey(out bool isMerge);
            if (isMerge)
                ReadMerge(inherited);
            else
                own.Add(new(key, ReadNode()));
        }

        // The first mapping of a merge wins over later ones, and every own key over all of them.
        var children = Enumerable.Reverse(inherited).SelectMany(section => section.Children).Concat(own);
        return new ConfigurationSection(children, At(start));
    }

    private string ReadKey(out bool isMerge)
    {
        if (!_parser.TryConsume<Scalar>(out Scalar? key))
            throw Refuse(_file, Line(_parser.Current!), "a key must be a plain name.");

        Count(1);
        isMerge = key is { IsPlainImplicit: true, Value: "<<" };
        if (ScalarValue(key) is string name && name.Length > 0)
            return name;

        throw Refuse(
            _file, Line(key), $"a key must be a name, found '{key.Value}'. Write it in quotes if it is meant so.");
    }

    private void ReadMerge(List<ConfigurationSection> inherited)
    {
        if (_parser.TryConsume<SequenceStart>(out _))
        {
            while (!_parser.TryConsume<SequenceEnd>(out _))
                inherited.Add(RequireSection(ReadNode()));
        }
        else
        {
            inherited.Add(RequireSection(ReadNode()));
        }
    }

    private ConfigurationSection RequireSection(ConfigurationNode node) => node as ConfigurationSection
        ?? throw Refuse(_file, node.Origin.Line, "'<<' merges a mapping, or a list of mappings.");

    private Sequence SequenceValue(SequenceStart start)
    {
        bool isTuple = start.Tag is { IsEmpty: false, Value: Core + "python/tuple" };
        if (!isTuple)
            RequireTag(start.Tag, start, "seq");

        var items = ImmutableArray.CreateBuilder<object?>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode() is ConfigurationLeaf leaf
                ? leaf.Value
                : throw Refuse(_file, Line(start), "a list holds values only, found a mapping inside."));
        }

        return new Sequence(items.ToImmutable(), isTuple);
    }

    private object? ScalarValue(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
            return scalar.IsPlainImplicit && scalar.Tag.IsEmpty ? YamlScalar.Resolve(scalar.Value) : scalar.Value;

        string tag = scalar.Tag.Value;
        object? resolved = YamlScalar.Resolve(scalar.Value);
        return (tag, resolved) switch
        {
            (Core + "str", _) => scalar.Value,
            (Core + "null", _) => null,
            (Core + "bool", bool) or (Core + "int", long) or (Core + "float", double) => resolved,
            (Core + "float", long i) => (double)i,
            (Core + "float", string s) when double.TryParse(
                s.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            (Core + "bool" or Core + "int" or Core + "float", _) =>
                throw Refuse(_file, Line(scalar), $"'{scalar.Value}' is not of the type that its tag {tag} names."),
            _ => throw UnknownTag(tag, scalar),
        };
    }

    private void RequireTag(TagName tag, ParsingEvent at, string kind)
    {
        if (!tag.IsEmpty && !tag.IsNonSpecific && tag.Value != Core + kind)
            throw UnknownTag(tag.Value, at);
    }

    private ConfigurationException UnknownTag(string tag, ParsingEvent at) =>
        Refuse(_file, Line(at), $"the tag '{tag}' is not allowed here. Remove it: values need no tags.");

    private void Count(int nodes)
    {
        _nodes += nodes;
        if (_nodes > MaximumNodes)
            throw Refuse(_file, 0, $"holds more than {MaximumNodes} values, aliases counted in full.");
    }

    private Origin At(ParsingEvent e) => Origin.InFile(_file, Line(e));

    private static int Line(ParsingEvent e) => (int)e.Start.Line;

    private static ConfigurationException Refuse(string file, int line, string message) =>
        new(new Problem("", Origin.InFile(file, line), message));
}
