using System.Text.Json;
using Dense.Checkpoints.Conversion;
using Dense.Checkpoints.Matching;

namespace Dense.Checkpoints.Tests.Matching;

/// <summary>Which tensor of a file lands where, against the reference (E-57 to E-60, M-132, M-133).</summary>
[Trait("Category", "Golden")]
public class MatchingGoldenTests
{
    private const string Folder = "detection/pieces";
    private const string MatchingFile = "checkpoint_matching.json";

    public static TheoryData<string> Files { get; } = ReadFiles();

    [Theory]
    [MemberData(nameof(Files))]
    public void Matching_EqualsTheReference(string name)
    {
        using JsonDocument all = Read(
            Testing.Golden.Require(Folder, name == Testing.Golden.Absent ? name : MatchingFile));
        JsonElement golden = all.RootElement.GetProperty(name);
        IReadOnlyList<TensorLayout> model = Model(golden.GetProperty("config").GetString()!);
        bool isCaffe2 = golden.GetProperty("caffe2_conversion").GetBoolean();
        var expected = golden.GetProperty("matched").EnumerateObject()
            .ToDictionary(pair => Converted(pair.Name), pair => pair.Value.GetString()!);
        (string File, string Renamed)[] unmatched = [.. golden.GetProperty("unmatched_in_file").EnumerateArray()
            .Select(pair => (pair[0].GetString()!, pair[1].GetString()!))];
        var shapes = model.ToDictionary(layout => layout.Name, layout => layout.Shape);
        TensorLayout[] file =
        [
            .. expected.Select(pair => new TensorLayout(pair.Key, shapes[pair.Value])),
            .. unmatched.Select(pair => new TensorLayout(Converted(pair.File), [7])),
        ];

        NameMatching matching = NameMatching.Find(model, file, name);

        Assert.Equal(golden.GetProperty("num_in_file").GetInt32(), file.Length);
        Assert.Equal(golden.GetProperty("num_matched").GetInt32(), matching.Matches.Count);
        Assert.Equal(expected, matching.Matches.ToDictionary(match => match.FileName, match => match.ModelName));
        Assert.Equal(unmatched.Select(pair => pair.Renamed), matching.Unmatched);
        Assert.Equal(golden.GetProperty("missing_in_file").EnumerateArray().Select(n => n.GetString()!).Order(),
            model.Select(layout => layout.Name).Except(matching.Matches.Select(match => match.ModelName)).Order());
        Assert.Equal("backbone.bottom_up", matching.CommonPrefix);

        string Converted(string key) => isCaffe2 ? Caffe2Names.ToDetectron2(key) : key;
    }

    [Fact]
    public void Names_OfTheConverterEqualTheReference()
    {
        using JsonDocument golden = Read(Testing.Golden.Require(Folder, "converter_names.json"));

        var pairs = golden.RootElement.GetProperty("r50").EnumerateArray().ToList();

        Assert.Equal(320, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal(pair[1].GetString(), BackboneNames.ToDetectron2(pair[0].GetString()!)));
        Assert.Equal(golden.RootElement.GetProperty("r101_count").GetInt32(), ResNetLayout.Of(101).Count);
    }

    private static IReadOnlyList<TensorLayout> Model(string config)
    {
        string kind = config.StartsWith("FCOS", StringComparison.Ordinal) ? "fcos" : "solov2";
        using JsonDocument names = Read(Testing.Golden.Require(Folder, $"state_names_{kind}_r50.json"));
        return
        [
            .. names.RootElement.GetProperty("tensors").EnumerateArray().Select(tensor => new TensorLayout(
                tensor.GetProperty("name").GetString()!,
                [.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())])),
        ];
    }

    private static TheoryData<string> ReadFiles()
    {
        string path = Path.Combine(Testing.Golden.Root, Folder, MatchingFile);
        if (!File.Exists(path))
            return [Testing.Golden.Absent];

        using JsonDocument all = Read(path);
        return [.. all.RootElement.EnumerateObject().Select(file => file.Name)];
    }

    private static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path));
}
