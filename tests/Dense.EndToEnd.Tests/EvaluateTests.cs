using System.Text.Json;

namespace Dense.EndToEnd.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("Category", "Golden")]
    [InlineData("bbox", "public_val2014_fakebbox100", "public_val2014_fakebbox100.gt.json.gz")]
    [InlineData("segm", "segm_results_with_boxes", "segm_basic.gt.json")]
    public void Evaluate_PrintsAndWritesTheReferencesNumbers(string task, string name, string annotations)
    {
        string results = Golden.Require(
            "detection", "cocoeval", name + (annotations.EndsWith(".gz") ? ".dt.json.gz" : ".dt.json"));
        string output = _folder["metrics.json"];

        ChildProcess result = Densecl.Run(
            "evaluate", "--annotations", Golden.Require("detection", "cocoeval", annotations), "--results", results,
            "--task", task, "--output", output);

        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllText(Golden.Require("detection", "cocoeval", name + ".expected.json")));
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(output));
        JsonElement metrics = written.RootElement.GetProperty(task);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(13, metrics.EnumerateObject().Count());
        foreach (JsonProperty stat in expected.RootElement.GetProperty("stats").EnumerateObject())
            Assert.Equal(stat.Value.GetDouble(), metrics.GetProperty(stat.Name).GetDouble());

        double ap = expected.RootElement.GetProperty("stats").GetProperty("AP").GetDouble();
        Assert.Contains($" Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {ap:0.000}\n",
            result.Output);
        Assert.Equal(12, result.Output.Split('\n').Count(l => l.StartsWith(" Average ", StringComparison.Ordinal)));
        Assert.Equal(
            expected.RootElement.GetProperty("per_category").EnumerateObject().Count(),
            metrics.GetProperty("per_category").EnumerateObject().Count());
    }

    [Fact]
    public void Report_ShowsCurvesErrorsAndTheWorstImages()
    {
        Densecl.Run("dataset", "generate", _folder["scenes"], "--images", "6");
        (string annotations, string images) = Found();
        WriteResults(annotations, _folder["results.json"]);
        string report = _folder["report"];

        ChildProcess result = Densecl.Run(
            "evaluate", "--gt", annotations, "--dt", _folder["results.json"], "--report", report, "--images", images);

        Assert.Equal(0, result.ExitCode);
        string page = File.ReadAllText(Path.Combine(report, "index.html"));
        Assert.Contains("<polyline", page);
        Assert.Contains("TIDE", page);
        Assert.Contains("background", page);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(report, "images")));
        Assert.All(Directory.GetFiles(Path.Combine(report, "images")), f => Assert.Contains(Path.GetFileName(f), page));
    }

    // E-201, E-203: the object with id 0 counts only with the option, the second one only with the larger limit.
    [Theory]
    [InlineData("1", false, "0.000")]
    [InlineData("1", true, "0.500")]
    [InlineData("2", false, "0.500")]
    [InlineData("2", true, "1.000")]
    public void Evaluate_CountsAsItsOptionsSay(string limit, bool fixZero, string recall)
    {
        string annotations = _folder["gt.json"], results = _folder["dt.json"];
        File.WriteAllText(annotations, """
            {"images": [{"id": 1, "width": 90, "height": 90}], "categories": [{"id": 1, "name": "a"}], "annotations": [
             {"id": 0, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0},
             {"id": 1, "image_id": 1, "category_id": 1, "bbox": [50, 50, 10, 10], "area": 100, "iscrowd": 0}]}
            """);
        File.WriteAllText(results, """
            [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.9},
             {"image_id": 1, "category_id": 1, "bbox": [50, 50, 10, 10], "score": 0.8}]
            """);
        string[] option = fixZero ? ["--fix-annotation-id-zero"] : [];

        ChildProcess result = Densecl.Run(
            ["evaluate", "--gt", annotations, "--dt", results, "--max-dets", limit, .. option]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            $" Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=  {limit} ] = {recall}\n",
            result.Output);
        Assert.Equal(!fixZero, result.Errors.Contains("id 0"));
    }

    [Fact]
    public void Keypoints_AreRefusedAsWrongUse()
    {
        File.WriteAllText(_folder["a.json"], "{}");
        string file = _folder["a.json"];

        ChildProcess result = Densecl.Run("evaluate", "--gt", file, "--dt", file, "--task", "keypoints");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Keypoints are not supported", result.Errors);
    }

    [Fact]
    public void FaultyFile_FailsWithThePlaceAndWithoutAStackTrace()
    {
        string annotations = _folder["gt.json"], results = _folder["dt.json"];
        File.WriteAllText(
            annotations, """{"images": [{"id": 1}], "categories": [{"id": 1, "name": "a"}], "annotations": []}""");
        File.WriteAllText(results, """[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": NaN}]""");

        ChildProcess result = Densecl.Run("evaluate", "--gt", annotations, "--dt", results);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("dt.json: $[0].score", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    private (string Annotations, string Images) Found()
    {
        string annotations = Directory.GetFiles(_folder["scenes"], "*.json", SearchOption.AllDirectories)
            .Order().First();
        string image = Directory.GetFiles(_folder["scenes"], "*.jpg", SearchOption.AllDirectories).Order().First();
        return (annotations, Path.GetDirectoryName(image)!);
    }

    // The first object of each image found, and a detection on nothing.
    private static void WriteResults(string annotations, string path)
    {
        using JsonDocument truth = JsonDocument.Parse(File.ReadAllText(annotations));
        var records = truth.RootElement.GetProperty("annotations").EnumerateArray()
            .DistinctBy(a => a.GetProperty("image_id").GetInt64())
            .SelectMany(a => new[] { Record(a, a.GetProperty("bbox").GetRawText()), Record(a, "[0, 0, 1, 1]") });
        File.WriteAllText(path, $"[{string.Join(",\n", records)}]");

        static string Record(JsonElement a, string box) => $$"""
            {"image_id": {{a.GetProperty("image_id")}}, "category_id": {{a.GetProperty("category_id")}},
             "bbox": {{box}}, "score": 0.9}
            """;
    }
}
