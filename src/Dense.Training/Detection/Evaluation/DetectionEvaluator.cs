using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Pictures;
using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Evaluation;

/// <summary>Evaluates a detector on every test set of a configuration, in its order (E-22, E-28, E-33).</summary>
/// <param name="settings">The run, with rank and world size filled in.</param>
/// <param name="catalog">Where test sets are found.</param>
/// <param name="batching">Makes images ready on the detector's device.</param>
/// <param name="log">Where tables go.</param>
/// <param name="collectives">The other ranks, each of which takes a part of every test set.</param>
/// <param name="clock">Measures.</param>
public sealed class DetectionEvaluator(
    DetectionRunSettings settings,
    DatasetCatalog catalog,
    Func<IReadOnlyList<InputImage>, ImageBatch> batching,
    DetectionLog log,
    ICollectives collectives,
    TimeProvider clock)
{
    private const string FolderName = "inference";

    // COCO's metric counts this many detections of a class in an image (E-203).
    private const int MostCounted = 100;

    /// <summary>Evaluates; the detector's mode is restored.</summary>
    /// <param name="detector">The network.</param>
    /// <param name="iteration">When, for the pictures; null for no pictures.</param>
    /// <returns>On the first rank, results by <c>task/metric</c>, or <c>set/task/metric</c> with several
    /// sets.</returns>
    public IReadOnlyDictionary<string, double> Run(Detector detector, long? iteration = null)
    {
        WarnOfUncounted();
        var results = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        foreach (string name in settings.TestSets)
        {
            string prefix = settings.TestSets.Count == 1 ? "" : name + "/";
            foreach (TaskMetrics task in Evaluate(detector, name, iteration))
            {
                foreach (var (metric, value) in task.All)
                    results[$"{prefix}{task.Task}/{metric}"] = value;
            }
        }

        return results;
    }

    private IReadOnlyList<TaskMetrics> Evaluate(Detector detector, string name, long? iteration)
    {
        CocoRecords records = catalog.Read(name);
        foreach (string warning in records.Warnings)
            log.Warn(warning, LogSource.Data);

        var pictures = new RunPictures(records.ClassNames, settings.Data.ChannelOrder, log);
        PredictionList predictions;
        using (var loader = DetectionLoader.Test(records.Images, settings.Data))
        {
            var inference = new DetectionInference(detector, log, clock)
            {
                OnImage =
                    iteration is { } at ? (i, image, found) => pictures.ShowDetections(i, at, image, found) : null,
            };
            predictions = inference.Run(
                loader.Next, batching, loader.BatchCount ?? 0, settings.Data.WorldSize);
        }

        IReadOnlyList<TaskMetrics> tasks = [];
        PredictionList? all = PredictionExchange.ToFirstRank(predictions, collectives);
        collectives.OnFirst(() => tasks = Measure(name, records, all!));
        return tasks;
    }

    private IReadOnlyList<TaskMetrics> Measure(string name, CocoRecords records, PredictionList predictions)
    {
        var evaluation = new CocoEvaluation(records.Annotations, log, settings.Data.MaskOn)
        {
            DerivesBoxes = settings.Data.MaskOn && !settings.Detector.Compatibility.ZeroSoloV2Boxes,
        };
        IReadOnlyList<TaskMetrics> tasks = evaluation.Run(predictions, FolderOf(name));
        if (tasks.Count > 0)
            log.Info($"Evaluation results for {name} in csv format:", LogSource.Results);
        foreach (string line in tasks.SelectMany(ResultTables.CopyPaste))
            log.Result(line, LogSource.Results);

        return tasks;
    }

    // The first set's files keep the plain path; the reference overwrites them with those of the others (E-174).
    private string FolderOf(string name) => name == settings.TestSets[0]
        ? Path.Combine(settings.OutputDirectory, FolderName)
        : Path.Combine(settings.OutputDirectory, FolderName, name);

    private void WarnOfUncounted()
    {
        int most = settings.Detector.Kind == Dense.Detection.Settings.DetectorKind.Fcos
            ? settings.Detector.Fcos.DetectionsPerImage
            : settings.Detector.SoloV2.DetectionsPerImage;
        if (most > MostCounted)
        {
            log.Warn(
                $"The detector may return {most} detections per image, but COCO's metric counts {MostCounted} of a "
                + $"class; densecl evaluate --max-dets {most} counts all of them.", LogSource.Evaluation);
        }
    }
}
