using System.Text.Json;

namespace Dense.Checkpoints.Tests.Golden;

/// <summary>Compares the detection weight format in every pickle protocol.</summary>
internal static class NumpyGolden
{
    public static int Compare(JsonElement expected, string path, string file, CheckpointFile read)
    {
        bool python2 = file == expected.GetProperty("python2_file").GetString();
        var tensors = GoldenTensors.Load(path);
        CheckpointMap model = read.Map.GetMap("model");
        string[] names = python2
            ? [.. expected.GetProperty("python2_names").EnumerateArray().Select(n => n.GetString()!)]
            : [.. expected.GetProperty("arrays").EnumerateArray().Select(a => a[0].GetString()!)];

        Assert.Equal(CheckpointFormat.Pickle, read.Format);
        Assert.Equal(names, model.Keys.Cast<string>());
        Assert.Equal(
            expected.GetProperty(python2 ? "python2_author" : "author").GetString(), read.Map.GetString("__author__"));
        foreach (string name in names)
            GoldenTensors.AssertEqual(tensors[name], model.GetTensor(name), name);

        return names.Length;
    }
}
