using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Bench;

/// <summary>
/// The evaluator on the large golden sets, from gzip files to the twelve numbers, beside the CPU time of pycocotools
/// that was recorded with them (without parsing), and beside pycocotools itself where it is installed (with parsing).
/// </summary>
internal static class CocoEvaluationBench
{
    private const int Rounds = 9;

    public static IEnumerable<BenchResult> Run()
    {
        foreach (string name in new[] { "big_bbox", "big_segm" })
        {
            if (GoldenFolder.Find("detection", "cocoeval", $"{name}.expected.json") is not { } path)
            {
                yield return new BenchResult(name, "", "golden data absent", "", "");
                continue;
            }

            foreach (BenchResult row in Measure(name, path))
                yield return row;
        }
    }

    private static IEnumerable<BenchResult> Measure(string name, string path)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(path));
        double recorded = expected.RootElement.GetProperty("pycocotools_time").GetProperty("cpu_seconds")
            .EnumerateObject().Sum(p => p.Value.GetDouble());
        string annotations = path.Replace(".expected.json", ".gt.json.gz");
        string results = path.Replace(".expected.json", ".dt.json.gz");
        EvaluationTask task = name.EndsWith("segm") ? EvaluationTask.Mask : EvaluationTask.Box;

        double first = CpuClock.Seconds(() => EvaluateFiles(annotations, results, task, threads: 1));
        double warm = Median(() => CpuClock.Seconds(() => EvaluateFiles(annotations, results, task, threads: 1)));
        yield return Row($"{name}, first run", first, recorded, "pycocotools, recorded",
            "one thread, CPU time, with compilation of what is new in this process");
        yield return Row(name, warm, recorded, "pycocotools, recorded", $"one thread, CPU time, median of {Rounds}");

        Dictionary<string, double>? peer = Peer.Figures(
            "cocoeval.py", annotations, results, task == EvaluationTask.Box ? "bbox" : "segm");
        yield return peer is null
            ? new BenchResult(name, Figure(warm), "pycocotools: not installed", "", "")
            : Row(name, warm, peer["total"], "pycocotools", "one thread, CPU time, parsing on both sides");

        var dataset = CocoDataset.Load(annotations);
        var detections = DetectionList.Load(results);
        double one = Median(() => CpuClock.Seconds(() => Evaluate(dataset, detections, task, threads: 1)));
        double two = Median(() => BusierThread(() => Evaluate(dataset, detections, task, threads: 2)));
        yield return Row(
            $"{name}, evaluation on two threads", two, one, "one thread",
            $"CPU time of the busier thread, without reading, median of {Rounds}");
    }

    // What the wall clock would show on an idle machine: the time of the thread that is done last.
    private static double BusierThread(Action action)
    {
        double ownStart = CpuClock.OwnThreadSeconds();
        double total = CpuClock.Seconds(action);
        double own = CpuClock.OwnThreadSeconds() - ownStart;
        return Math.Max(own, total - own);
    }

    private static void EvaluateFiles(string annotations, string results, EvaluationTask task, int threads) =>
        Evaluate(CocoDataset.Load(annotations), DetectionList.Load(results), task, threads);

    private static void Evaluate(CocoDataset dataset, DetectionList detections, EvaluationTask task, int threads) =>
        CocoEvaluator.Evaluate(dataset, detections, new EvaluationSettings { Task = task, MaxThreads = threads });

    private static BenchResult Row(string what, double ours, double peer, string peerName, string conditions) =>
        new(what, Figure(ours), $"{peerName} {Figure(peer)}", $"{peer / ours:F1}x", conditions);

    private static string Figure(double seconds) => $"{seconds * 1000:F0} ms";

    private static double Median(Func<double> measure) =>
        CpuClock.Median(Enumerable.Range(0, Rounds).Select(_ => measure()));
}
