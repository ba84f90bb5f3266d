using System.Text;
using System.Text.Json;
using Dense.Checkpoints;
using Dense.Coco.Annotations;
using Dense.Detection;
using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

public sealed class CocoEvaluationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordingScreen _screen = new();
    private readonly DetectionLog _log;

    public CocoEvaluationTests() =>
        _log = new DetectionLog(_folder["run"], 0, _screen, new ManualClock(DateTimeOffset.UnixEpoch));

    [Fact]
    public void Evaluation_WritesFilesTablesAndMetrics()
    {
        var predictions = new PredictionList();
        predictions.Add(Found(7, (1, 0.9f, [10, 10, 50, 40])));
        predictions.Add(Found(9));

        IReadOnlyList<TaskMetrics> tasks = new CocoEvaluation(Annotations(), _log, expectsMasks: false)
            .Run(predictions, _folder["run/inference"]);

        TaskMetrics boxes = Assert.Single(tasks);
        Assert.Equal(100, boxes.Overall[0].Value, 9);
        Assert.Equal([("AP-cat", double.NaN), ("AP-dog", 100.0)], boxes.All.Skip(6).Select(
            m => (m.Name, Math.Round(m.Value, 9))));
        Assert.Equal(
            "[{\"image_id\":7,\"category_id\":30,\"bbox\":[10.0,10.0,40.0,30.0],\"score\":0.8999999761581421}]",
            File.ReadAllText(_folder["run/inference/coco_instances_results.json"]));
        Assert.Contains(_screen.Results, r => r.StartsWith(" Average Precision  (AP) @[ IoU=0.50:0.95"));
        Assert.Contains(_screen.Results, r => r.StartsWith("Evaluation results for bbox: \n|"));
        Assert.Contains(_screen.Results, r => r.StartsWith("Per-category bbox AP: \n|"));
        Assert.Contains(_screen.Notes, n => n.Message.Contains("no ground truth of area small, large"));
        Assert.Contains(" Average Recall ", File.ReadAllText(_folder["run/log.txt"]));
    }

    [Fact]
    public void Predictions_AreSavedImageByImageWithContiguousClasses()
    {
        var predictions = new PredictionList();
        predictions.Add(Found(9));
        predictions.Add(Found(7, (1, 0.5f, [0, 0, 1, 1])));

        new CocoEvaluation(Annotations(), _log, expectsMasks: false).Run(predictions, _folder["out"]);

        var images = (IReadOnlyList<object?>)CheckpointFile.Read(_folder["out/instances_predictions.pth"]).Root!;
        CheckpointMap[] maps = [.. images.Cast<CheckpointMap>()];
        Assert.Equal([9L, 7L], maps.Select(m => m.GetInt64("image_id")));
        Assert.Empty(maps[0].GetList("instances"));
        Assert.Equal(1, ((CheckpointMap)maps[1].GetList("instances")[0]!).GetInt64("category_id"));
    }

    [Theory]
    [InlineData(false, new[] { "bbox" })]
    [InlineData(true, new[] { "bbox", "segm" })]
    public void NoDetections_GiveUndefinedMetrics(bool expectsMasks, string[] expected)
    {
        var predictions = new PredictionList();
        predictions.Add(Found(7));

        IReadOnlyList<TaskMetrics> tasks = new CocoEvaluation(Annotations(), _log, expectsMasks)
            .Run(predictions, _folder["out"]);

        Assert.Equal(expected, tasks.Select(t => t.Task));
        Assert.All(tasks, t => Assert.All(t.All, m => Assert.True(double.IsNaN(m.Value))));
        Assert.Equal("[]", File.ReadAllText(_folder["out/coco_instances_results.json"]));
        Assert.Contains(_screen.Notes, n => n.Message.StartsWith("There are no predictions"));
    }

    // KF-8.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BoxesOfMasks_AreCalledDerived(bool derived)
    {
        var predictions = new PredictionList();
        predictions.Add(Found(7, (1, 0.9f, [10, 10, 50, 40])));

        new CocoEvaluation(Annotations(), _log, expectsMasks: false) { DerivesBoxes = derived }
            .Run(predictions, _folder["out"]);

        Assert.Equal(derived, _screen.Notes.Any(n => n.Message.StartsWith("The boxes are derived from the masks")));
    }

    [Fact]
    public void NoImages_GiveNoResult()
    {
        Assert.Empty(new CocoEvaluation(Annotations(), _log, false).Run(new PredictionList(), _folder["out"]));
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void TestSets_GetTheirResultsFileOnly()
    {
        var predictions = new PredictionList();
        predictions.Add(Found(7, (0, 0.5f, [0, 0, 1, 1])));

        Assert.Empty(new CocoEvaluation(Annotations(withObjects: false), _log, false).Run(predictions, _folder["out"]));

        string written = File.ReadAllText(_folder["out/coco_instances_results.json"]);
        Assert.Equal(1, JsonDocument.Parse(written).RootElement.GetArrayLength());
    }

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    private static CocoDataset Annotations(bool withObjects = true)
    {
        const string Objects = """
            ,"annotations":[{"id":1,"image_id":7,"category_id":30,"bbox":[10,10,40,30],"area":1200,"iscrowd":0}]
            """;
        string json = """
            {"images":[{"id":7,"file_name":"a.png","width":100,"height":80},
                       {"id":9,"file_name":"b.png","width":100,"height":80}],
             "categories":[{"id":30,"name":"dog"},{"id":12,"name":"cat"}]
            """ + (withObjects ? Objects : "") + "}";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return CocoDataset.Load(stream, "test");
    }

    private static ImageDetections Found(long image, params (int Class, float Score, float[] Box)[] objects) => new()
    {
        ImageId = image,
        Height = 80,
        Width = 100,
        Boxes = [.. objects.SelectMany(o => o.Box)],
        Scores = [.. objects.Select(o => o.Score)],
        Classes = [.. objects.Select(o => o.Class)],
    };
}
