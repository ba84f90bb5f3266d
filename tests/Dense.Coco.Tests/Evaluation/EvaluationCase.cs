using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Evaluation;

/// <summary>One golden evaluation: its input, read by our readers, and what the reference says.</summary>
internal sealed class EvaluationCase : IDisposable
{
    private readonly JsonDocument _expected;

    public EvaluationCase(string expectedFile)
    {
        string path = Golden.Require("detection", "cocoeval", expectedFile);
        _expected = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement files = Expected.GetProperty("files");
        Dataset = CocoDataset.Load(Beside(path, files.GetProperty("gt").GetString()!));
        Detections = DetectionList.Load(Beside(path, files.GetProperty("dt").GetString()!));
        Arrays = new GoldenArrays(path.Replace(".expected.json", ".arrays.safetensors"));
        Settings = new EvaluationSettings
        {
            Task = Expected.GetProperty("iou_type").GetString() == "bbox" ? EvaluationTask.Box : EvaluationTask.Mask,
        };
    }

    public JsonElement Expected => _expected.RootElement;

    public CocoDataset Dataset { get; }

    public DetectionList Detections { get; }

    public GoldenArrays Arrays { get; }

    public EvaluationSettings Settings { get; }

    public void Dispose() => _expected.Dispose();

    private static string Beside(string path, string name) => Path.Combine(Path.GetDirectoryName(path)!, name);
}
