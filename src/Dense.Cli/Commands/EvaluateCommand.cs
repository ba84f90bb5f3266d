using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dense.Cli.Evaluation;
using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Cli.Commands;

/// <summary><c>densecl evaluate</c>: COCO AP of any system's results.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<FileInfo> Annotations = new("--annotations", "--gt")
    {
        Description = "COCO annotation file (.json or .json.gz).",
        Required = true,
    };

    private static readonly Option<FileInfo> Results = new("--results", "--dt")
    {
        Description = "COCO results file (.json or .json.gz).",
        Required = true,
    };

    private static readonly Option<string> Task = new("--task")
    {
        Description = "bbox compares boxes, segm masks.",
        DefaultValueFactory = _ => "bbox",
    };

    private static readonly Option<FileInfo> Output =
        new("--output") { Description = "Write the numbers with all digits as JSON." };

    private static readonly Option<DirectoryInfo> Report = new("--report")
    {
        Description = "Write an HTML page with curves, errors and the worst images into this folder.",
    };

    private static readonly Option<DirectoryInfo> Images = new("--images")
    {
        Description = "Folder of the images, for the pictures of --report.",
    };

    private static readonly Option<int> MaxDetections = new("--max-dets")
    {
        Description = "Count up to this many detections of a class in an image. COCO's number is 100.",
        DefaultValueFactory = _ => 100,
    };

    private static readonly Option<bool> FixIdZero = new("--fix-annotation-id-zero")
    {
        Description = "Treat annotation id 0 as any other; COCO's evaluator takes it for \"no match\".",
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads at most; the numbers do not depend on it.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Command Create()
    {
        var command = new Command("evaluate", "COCO average precision of a results file, with pycocotools' numbers.")
        {
            Annotations, Results, Task, Output, Report, Images, MaxDetections, FixIdZero, Threads,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl evaluate --annotations instances_val2017.json --results coco_instances_results.json --task bbox",
            "densecl evaluate --annotations gt.json.gz --results dt.json.gz --task segm --output metrics.json",
            "densecl evaluate --annotations gt.json --results dt.json --report report --images val2017");
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(Images) is not null && parsed.GetValue(Report) is null)
            throw new UsageException("--images is for the pictures of a report: name its folder with --report.");

        EvaluationSettings settings = SettingsOf(parsed);
        var watch = Stopwatch.StartNew();
        (CocoDataset dataset, DetectionList detections) = Load(
            parsed.GetRequiredValue(Annotations).FullName, parsed.GetRequiredValue(Results).FullName,
            settings.MaxThreads);
        TimeSpan loaded = watch.Elapsed;
        EvaluationResult result = CocoEvaluator.Evaluate(dataset, detections, settings);
        TimeSpan evaluated = watch.Elapsed;

        foreach (string warning in WarningsOf(detections, result))
            Console.Error.WriteLine($"densecl: warning: {warning}");

        EvaluationTables.Print(result, Console.Out);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{dataset.Images.Count} images, {dataset.Annotations.Count} annotations, {detections.Count} detections: "
            + $"{evaluated.TotalSeconds:0.00} s (reading {loaded.TotalSeconds:0.00} s)"));

        if (parsed.GetValue(Output) is { } output)
            MetricsFile.Save(result, output.FullName);

        if (parsed.GetValue(Report) is { } report)
        {
            string page = EvaluationReport.Write(
                dataset, detections, result, report.FullName, parsed.GetValue(Images)?.FullName);
            Console.WriteLine(page);
        }

        return CommandLine.Done;
    }

    private static EvaluationSettings SettingsOf(ParseResult parsed)
    {
        string task = parsed.GetValue(Task)!;
        int limit = parsed.GetValue(MaxDetections);
        int threads = parsed.GetValue(Threads);
        if (task is not ("bbox" or "segm"))
        {
            throw new UsageException($"--task {task}: expected bbox or segm."
                + (task == "keypoints" ? " Keypoints are not supported; use pycocotools for them." : ""));
        }

        if (limit < 1 || threads < 1)
            throw new UsageException($"--max-dets {limit}, --threads {threads}: expected 1 or more.");

        return new EvaluationSettings
        {
            Task = task == "bbox" ? EvaluationTask.Box : EvaluationTask.Mask,
            MaxDetections = [Math.Min(1, limit), Math.Min(10, limit), limit],
            FixAnnotationIdZero = parsed.GetValue(FixIdZero),
            MaxThreads = threads,
        };
    }

    private static (CocoDataset Dataset, DetectionList Detections) Load(string annotations, string results, int threads)
    {
        if (threads == 1)
            return (CocoDataset.Load(annotations), DetectionList.Load(results));

        Task<DetectionList> loading = System.Threading.Tasks.Task.Run(() => DetectionList.Load(results));
        var dataset = CocoDataset.Load(annotations);
        return (dataset, loading.GetAwaiter().GetResult());
    }

    private static IEnumerable<string> WarningsOf(DetectionList detections, EvaluationResult result)
    {
        if (detections.Count == 0)
            yield return "the results file is empty: there are no predictions, and every number is 0 or undefined.";

        foreach (string warning in result.Warnings)
            yield return warning;

        CocoMetrics m = result.Metrics;
        string[] empty =
        [
            .. new[] { ("all", m.AR100), ("small", m.ARs), ("medium", m.ARm), ("large", m.ARl) }
                .Where(pair => pair.Item2 < 0).Select(pair => pair.Item1),
        ];
        if (empty.Length > 0)
            yield return $"-1 means undefined: there is no ground truth of size {string.Join(", ", empty)}.";
    }
}
