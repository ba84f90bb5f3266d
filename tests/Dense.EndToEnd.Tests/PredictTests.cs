using System.Globalization;
using System.Text.Json;
using Dense.Imaging;

namespace Dense.EndToEnd.Tests;

public sealed class PredictTests : IDisposable
{
    private readonly SmallDetection _detection = new();

    [Fact]
    public void Predict_DrawsAndWritesWhatIsFound()
    {
        _detection.Run("run", "SOLVER.MAX_ITER", "1", "SOLVER.STEPS", "()");
        string[] scenes = [.. Directory.GetFiles(_detection.Folder["scenes/images"]).Order()];

        ChildProcess run = Predict(_detection.Folder["run/model_final.pth"], _detection.Folder["scenes/images"],
            "--confidence-threshold", "0");

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(_detection.Folder["out/predictions.json"], run.Output.Trim());
        JsonElement json = JsonDocument.Parse(File.ReadAllText(run.Output.Trim())).RootElement;
        Assert.Equal(scenes.Select(Path.GetFileName), json.GetProperty("images").EnumerateArray().Select(
            i => i.GetProperty("file_name").GetString()));
        Assert.Equal(8, json.GetProperty("categories").GetArrayLength());
        JsonElement found = json.GetProperty("annotations");
        Assert.NotEqual(0, found.GetArrayLength());
        Assert.All(found.EnumerateArray(), a => Assert.InRange(a.GetProperty("score").GetDouble(), 0, 1));
        Assert.All(scenes, scene => Assert.NotEqual(
            Pixels(scene), Pixels(_detection.Folder["out/" + Path.GetFileName(scene)])));
    }

    // KF-36: the threshold is of the final score, and what has exactly that stays.
    [Fact]
    public void Predict_WritesWhatReachesTheThreshold()
    {
        _detection.Run("run", "SOLVER.MAX_ITER", "1", "SOLVER.STEPS", "()");
        double[] all = Scores("0");
        double middle = all.Order().ElementAt(all.Length / 2);

        double[] found = Scores(middle.ToString("R", CultureInfo.InvariantCulture));

        Assert.Equal(all.Where(score => score >= middle), found);
        Assert.InRange(found.Length, 1, all.Length - 1);

        double[] Scores(string threshold)
        {
            ChildProcess run = Predict(_detection.Folder["run/model_final.pth"], _detection.Folder["scenes/images"],
                "--confidence-threshold", threshold);
            Assert.True(run.ExitCode == 0, run.Errors);
            using var json = JsonDocument.Parse(File.ReadAllText(run.Output.Trim()));
            return [.. json.RootElement.GetProperty("annotations").EnumerateArray().Select(
                a => (double)a.GetProperty("score").GetSingle())];
        }
    }

    // E-51, E-73: a model alone, with an object of somebody else's class beside it.
    [Fact]
    public void Predict_ReadsPastObjectsOfUnknownClassesWhenAllowed()
    {
        _detection.Run("run", "SOLVER.MAX_ITER", "1", "SOLVER.STEPS", "()");
        Densecl.Run("export", _detection.Folder["run/model_final.pth"], _detection.Folder["alone.pkl"]);
        byte[] pkl = File.ReadAllBytes(_detection.Folder["alone.pkl"]);
        string weights = _detection.Folder.Write(
            "opaque.pkl", [.. pkl[..^1], .. "X\u0003\0\0\0cfgcyacs.config\nCfgNode\n)Rs."u8]);
        string image = Directory.GetFiles(_detection.Folder["scenes/images"])[0];

        ChildProcess refused = Predict(weights, image);
        ChildProcess allowed = Predict(weights, image, "--allow-opaque-pickle-objects");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("yacs.config.CfgNode", refused.Errors);
        Assert.True(allowed.ExitCode == 0, allowed.Errors);
    }

    [Fact]
    public void Predict_GoesOnAfterADamagedImageAndFails()
    {
        _detection.Run("run", "SOLVER.MAX_ITER", "1", "SOLVER.STEPS", "()");
        File.Copy(Directory.GetFiles(_detection.Folder["scenes/images"])[0], _detection.Folder["good.jpg"]);
        _detection.Folder.Write("bad.jpg", "no image");
        _detection.Folder.Write("list.txt", "bad.jpg\n# a comment\ngood.jpg\n");

        ChildProcess run = Predict(_detection.Folder["run/model_final.pth"], _detection.Folder["list.txt"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("bad.jpg", run.Errors);
        Assert.Contains("1 of 2 images could not be read", run.Errors);
        Assert.True(File.Exists(_detection.Folder["out/good.jpg"]));
    }

    [Theory]
    [InlineData(2, "there is no such file or folder", "nowhere")]
    [InlineData(2, "expected a score from 0 to 1", "run.yaml", "--confidence-threshold", "2")]
    [InlineData(2, "SOLVER.NO_KEY", "run.yaml", "SOLVER.NO_KEY", "1")]
    [InlineData(1, "nothing.pth", "run.yaml")]
    public void Predict_SaysWhatIsWrong(int exitCode, string message, string input, params string[] more)
    {
        ChildProcess run = Predict(_detection.Folder["nothing.pth"], _detection.Folder[input], more);

        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}: {run.Errors}");
        Assert.Contains(message, run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
    }

    [Fact]
    public void Predict_TakesNamesOfTheNetworkButNoOthers()
    {
        ChildProcess run = Predict("s3://bucket/x.pth", _detection.Folder["run.yaml"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("s3://bucket/x.pth: expected a path, detectron2://", run.Errors);
    }

    public void Dispose() => _detection.Dispose();

    private ChildProcess Predict(string weights, string input, params string[] more) => Densecl.Run(
    [
        "predict", "--config-file", _detection.Folder["run.yaml"], "--register-datasets",
        _detection.Folder["sets.yaml"],
        "--weights", weights, "--output", _detection.Folder["out"], "--input", input, .. more,
    ]);

    private static byte[] Pixels(string path)
    {
        using var decoder = new ImageDecoder();
        var image = new RgbImage();
        decoder.DecodeFile(path, image);
        return image.Pixels.ToArray();
    }
}
