using System.Text.Json;

namespace Dense.Checkpoints.Tests.Golden;

[Trait("Category", "Golden")]
public class PthGoldenTests
{
    private const string Folder = "pretraining/checkpoints";

    public static TheoryData<string> Expectations() => Testing.Golden.Files(Folder, "*.expected.json");

    public static TheoryData<string> Containers() => Testing.Golden.Files(Folder, "container_*.pth");

    [Theory]
    [MemberData(nameof(Expectations))]
    public void EveryFile_HoldsWhatItsExpectationSays(string name)
    {
        string path = Testing.Golden.Require(Folder, name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement expected = document.RootElement;
        int compared = 0;

        foreach (string file in FilesOf(expected))
        {
            CheckpointFile read = CheckpointFile.Read(Testing.Golden.Require(Folder, file));
            if (expected.TryGetProperty("tensors", out _))
                compared += CompareMixed(expected, path, read);
            else if (expected.TryGetProperty("values", out JsonElement values))
                compared += ObjectGolden.Compare(expected, values, read);
            else if (expected.TryGetProperty("optimizer", out _))
                compared += CompareTraining(expected, path, read);
            else if (expected.TryGetProperty("arrays", out _))
                compared += NumpyGolden.Compare(expected, path, file, read);
            else
                compared += CompareNames(expected, file, read);
        }

        Assert.True(compared > 0, $"{name} compares nothing.");
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void OtherZipDetails_ReadTheSameTensors(string name)
    {
        CheckpointFile read = CheckpointFile.Read(Testing.Golden.Require(Folder, name));
        string expectation = Testing.Golden.Require(Folder, "mixed_dtypes.expected.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(expectation));

        Assert.Equal(CheckpointFormat.TorchZip, read.Format);
        Assert.True(CompareMixed(document.RootElement, expectation, read) > 20);
    }

    private static List<string> FilesOf(JsonElement expected)
    {
        var files = new List<string>();
        if (expected.TryGetProperty("files", out JsonElement list))
            files.AddRange(list.EnumerateArray().Select(f => f.GetString()!));

        foreach (string property in (string[])["input", "output", "python2_file"])
        {
            if (expected.TryGetProperty(property, out JsonElement one))
                files.Add(one.GetString()!);
        }

        return files;
    }

    private static int CompareMixed(JsonElement expected, string path, CheckpointFile read)
    {
        var tensors = GoldenTensors.Load(path);
        CheckpointMap map = read.Map;
        Assert.Equal(
            expected.GetProperty("order").EnumerateArray().Select(n => n.GetString()), map.Keys.Cast<string>());

        foreach (JsonElement line in expected.GetProperty("tensors").EnumerateArray())
        {
            string name = line.GetProperty("name").GetString()!;
            TensorRecord actual = map.GetTensor(name);
            Assert.Equal(line.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()), actual.Shape);
            Assert.Equal(line.GetProperty("dtype").GetString(), actual.ElementType.ToString().ToLowerInvariant());
            GoldenTensors.AssertEqual(tensors[name.Length == 0 ? "<empty name>" : name], actual, name);
        }

        return tensors.Count;
    }

    private static int CompareTraining(JsonElement expected, string path, CheckpointFile read)
    {
        var tensors = GoldenTensors.Load(path);
        CheckpointMap map = read.Map;
        Assert.Equal(
            expected.GetProperty("top_level_keys").EnumerateArray().Select(k => k.GetString()),
            map.Keys.Cast<string>());

        CheckpointMap meta = map.GetMap("meta");
        foreach (JsonProperty property in expected.GetProperty("meta").EnumerateObject())
            ObjectGolden.AssertValue(property.Value, meta[property.Name], property.Name);

        CheckpointMap state = map.GetMap("state_dict");
        Assert.True(state.IsOrderedDict);
        GoldenTensors.AssertLayout(expected.GetProperty("state_dict"), state);
        foreach (var (name, tensor) in state.Tensors)
        {
            string stored = "state_dict." + name.Replace("backbone.", "encoder_q.0.", StringComparison.Ordinal);
            GoldenTensors.AssertEqual(tensors[stored], tensor, name);
        }

        CompareOptimizer(expected.GetProperty("optimizer"), map.GetMap("optimizer"), tensors);
        return state.Count;
    }

    private static void CompareOptimizer(
        JsonElement expected, CheckpointMap optimizer, IReadOnlyDictionary<string, TensorRecord> tensors)
    {
        var group = (CheckpointMap)optimizer.GetList("param_groups")[0]!;
        foreach (JsonProperty property in expected.GetProperty("param_groups")[0].EnumerateObject())
            ObjectGolden.AssertValue(property.Value, group[property.Name], property.Name);

        CheckpointMap momenta = optimizer.GetMap("state");
        Assert.Equal(
            expected.GetProperty("state_indices").EnumerateArray().Select(i => (object)i.GetInt64()), momenta.Keys);

        foreach (var (index, momentum) in momenta)
        {
            TensorRecord buffer = ((CheckpointMap)momentum!).GetTensor("momentum_buffer");
            GoldenTensors.AssertEqual(tensors[$"optimizer.state.{index}.momentum_buffer"], buffer, $"momentum {index}");
        }
    }

    private static int CompareNames(JsonElement expected, string file, CheckpointFile read)
    {
        bool isOutput = file == expected.GetProperty("output").GetString();
        string[] names =
        [
            .. expected.GetProperty("renames").EnumerateArray().Select(r => r[isOutput ? 1 : 0].GetString())
                .OfType<string>(),
        ];
        CheckpointMap map = read.Map.GetMap(isOutput ? "model" : "state_dict");
        var found = map.Tensors.Select(t => t.Key).ToHashSet();

        Assert.All(names, n => Assert.Contains(n, found));
        if (isOutput)
        {
            Assert.Equal(expected.GetProperty("author").GetString(), read.Map.GetString("__author__"));
            Assert.True(read.Map.GetBool("matching_heuristics"));
            Assert.Equal(names.Length, found.Count);
        }

        return names.Length;
    }
}
