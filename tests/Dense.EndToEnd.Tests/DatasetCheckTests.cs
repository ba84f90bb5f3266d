using System.Text.Json;

namespace Dense.EndToEnd.Tests;

public sealed class DatasetCheckTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GoodDataSet_PassesWithExitCodeZero()
    {
        (string annotations, string images) = Generate();

        ChildProcess result = Densecl.Run("dataset", "check", annotations, "--images", images);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains("fit for training", result.Output);
    }

    [Fact]
    public void DamagedMissingAndExtraImages_AreFound()
    {
        (string annotations, string images) = Generate();
        string[] files = [.. Directory.GetFiles(images).Order()];
        File.Copy(files[0], Path.Combine(images, "extra.jpg"));
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..200]);
        File.Delete(files[1]);

        ChildProcess result = Densecl.Run("dataset", "check", annotations, "--images", images, "--json");

        using JsonDocument json = JsonDocument.Parse(result.Output);
        Dictionary<string, int> counts = json.RootElement.GetProperty("findings").EnumerateArray()
            .ToDictionary(f => f.GetProperty("kind").GetString()!, f => f.GetProperty("count").GetInt32());
        Assert.Equal(1, result.ExitCode);
        Assert.True(json.RootElement.GetProperty("breaks_training").GetBoolean());
        Assert.Equal((1, 1, 1), (counts["missing_file"], counts["undecodable_file"], counts["extra_file"]));
    }

    [Fact]
    public void CheckAndEvaluate_WorkWithoutLibtorch()
    {
        (string annotations, string images) = Generate();
        string results = _folder["results.json"];
        File.WriteAllText(results, "[]");
        var environment = new Dictionary<string, string> { ["DENSECL_LIBTORCH"] = _folder["nowhere"] };

        ChildProcess check = Densecl.Run(
            Densecl.Folder, environment, "dataset", "check", annotations, "--images", images);
        ChildProcess evaluate = Densecl.Run(
            Densecl.Folder, environment, "evaluate", "--gt", annotations, "--dt", results);

        Assert.Equal((0, 0), (check.ExitCode, evaluate.ExitCode));
        Assert.Contains("there are no predictions", evaluate.Errors);
    }

    [Fact]
    public void FolderThatDoesNotExist_IsWrongUse()
    {
        (string annotations, _) = Generate();

        ChildProcess result = Densecl.Run("dataset", "check", annotations, "--images", _folder["nowhere"]);

        Assert.Equal(2, result.ExitCode);
    }

    private (string Annotations, string Images) Generate()
    {
        string scenes = _folder["scenes"];
        Densecl.Run("dataset", "generate", scenes, "--images", "6");
        string annotations = Directory.GetFiles(scenes, "*.json", SearchOption.AllDirectories).Order().First();
        string image = Directory.GetFiles(scenes, "*.jpg", SearchOption.AllDirectories).Order().First();
        return (annotations, Path.GetDirectoryName(image)!);
    }
}
