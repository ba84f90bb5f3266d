using System.Text.Json;
using System.Text.RegularExpressions;
using Dense.Configuration.Literals;

namespace Dense.Configuration.Tests;

/// <summary>Scalars and literals against PyYAML and Python themselves, where they are installed.</summary>
[Trait("Category", "Peer")]
public class PythonPeerTests
{
    // Prints what Python makes of each text, in Python's notation; null where it fails in a way of its own.
    private const string Script = """
        import ast, json, sys, warnings, datetime, yaml
        warnings.simplefilter("ignore")

        def show(v):
            if isinstance(v, bool) or v is None: return repr(v)
            if isinstance(v, int): return repr(v) if -2**63 < v < 2**63 else "integer of more than 64 bits"
            if isinstance(v, (float, str)): return repr(v) if isinstance(v, float) else "s:" + v
            if isinstance(v, (datetime.date, datetime.datetime)): return "timestamp"
            if isinstance(v, tuple): return "(" + " ".join(show(x) for x in v) + ")"
            if isinstance(v, list): return "[" + " ".join(show(x) for x in v) + "]"
            return type(v).__name__

        def plain(text):
            loader = yaml.SafeLoader("")
            tag = loader.resolve(yaml.ScalarNode, text, (True, False))
            try:
                return show(loader.construct_object(yaml.ScalarNode(tag, text)))
            except ValueError:
                return None

        def literal(text):
            try:
                return show(ast.literal_eval(text))
            except (ValueError, SyntaxError):
                return show(text)
            except Exception:
                return None

        kind, texts = json.load(sys.stdin)
        json.dump([(plain if kind == "plain" else literal)(t) for t in texts], sys.stdout)
        """;

    [Fact]
    public void PlainScalars_MeanWhatPyYamlReads()
    {
        string[] texts = Texts("0123456789_.+-:eExobinfaINFANTZ", maximumLength: 8, count: 60_000)
            .Where(t => !t.EndsWith(':') && !t.EndsWith('-') && t.Length > 0).ToArray();

        Compare("plain", texts, text =>
            ((ConfigurationLeaf)ConfigurationFile.Parse($"KEY: {text}\n", "f").Find("KEY")!).Value);
    }

    // Without line breaks, whose rules are for programs, and without signs before brackets, which stay text here.
    [Fact]
    public void Literals_MeanWhatPythonReads()
    {
        string[] texts = Texts("0011289_.+-eExjob'\"()[]{},, :\\rbu#ax", maximumLength: 9, count: 60_000)
            .Where(t => !Regex.IsMatch(t, @"[-+]\s*\(")).ToArray();

        Compare("literal", texts, PythonLiteral.Decode);
    }

    [Fact]
    public void Numbers_MeanWhatPythonReads() =>
        Compare("literal", Texts("0011289_.+-eExXobB", maximumLength: 9, count: 60_000), PythonLiteral.Decode);

    private static string[] Texts(string alphabet, int maximumLength, int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => new string(
            [.. Enumerable.Range(0, random.Next(1, maximumLength + 1))
                .Select(_ => alphabet[random.Next(alphabet.Length)])]))];
    }

    private static void Compare(string kind, string[] texts, Func<string, object?> ours)
    {
        string?[] expected = Run(JsonSerializer.Serialize(new object[] { kind, texts }));
        var differences = texts.Zip(expected)
            .Where(pair => pair.Second is not null)
            .Select(pair => (pair.First, pair.Second, Ours: Show(ours(pair.First))))
            .Where(d => d.Second != d.Ours)
            .Select(d => $"{JsonSerializer.Serialize(d.First)}: Python {d.Second}, ours {d.Ours}")
            .ToList();

        Assert.Equal(texts.Length, expected.Length);
        Assert.True(
            differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(40))}");
    }

    private static string Show(object? value) => value switch
    {
        string text => "s:" + text,
        Sequence { IsTuple: true } tuple => $"({string.Join(' ', tuple.Items.Select(Show))})",
        Sequence list => $"[{string.Join(' ', list.Items.Select(Show))}]",
        _ => PythonLiteral.Format(value),
    };

    private static string?[] Run(string input)
    {
        if (!Python.IsInstalled)
            Assert.Skip("Python is not installed.");

        ChildProcess run = Python.Try(Script, input);
        if (run.Errors.Contains("No module named 'yaml'", StringComparison.Ordinal))
            Assert.Skip("PyYAML is not installed.");

        Assert.Equal("", run.Errors);
        return JsonSerializer.Deserialize<string?[]>(run.Output)!;
    }
}
