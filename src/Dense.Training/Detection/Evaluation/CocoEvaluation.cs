using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;
using Dense.Training.Detection.Logging;

namespace Dense.Training.Detection.Evaluation;

/// <summary>From predictions to files, metrics and tables (E-33, E-124 to E-126, E-135).</summary>
/// <param name="annotations">The ground truth.</param>
/// <param name="log">Where tables and warnings go.</param>
/// <param name="expectsMasks">Whether the detector makes masks.</param>
public sealed class CocoEvaluation(CocoDataset annotations, DetectionLog log, bool expectsMasks)
{
    /// <summary>Whether boxes are those of the masks and no predictions of their own (KF-8).</summary>
    public bool DerivesBoxes { get; init; }

    /// <summary>Name of the results file.</summary>
    public const string ResultsName = "coco_instances_results.json";

    private const string PredictionsName = "instances_predictions.pth";
    private const string BoxTask = "bbox", MaskTask = "segm";

    /// <summary>Writes the files and evaluates them.</summary>
    /// <param name="predictions">Of all ranks, in rank order.</param>
    /// <param name="folder">Where the files go; created when absent.</param>
    /// <returns>The tasks in alphabetical order; empty when there is nothing to compare with.</returns>
    /// <exception cref="CocoFormatException">The predictions do not fit the annotations.</exception>
    public IReadOnlyList<TaskMetrics> Run(PredictionList predictions, string folder)
    {
        if (predictions.Images.Count == 0)
        {
            log.Warn("No image was processed, so there is nothing to evaluate.", LogSource.Evaluation);
            return [];
        }

        DetectionList results = Save(predictions, folder);
        if (!annotations.HasAnnotations)
        {
            log.Info("The annotation file has no annotations (a test set), so nothing can be evaluated here.",
                LogSource.Evaluation);
            return [];
        }

        string[] tasks = predictions.HasMasks || (expectsMasks && results.Count == 0) ? [BoxTask, MaskTask] : [BoxTask];
        if (results.Count > 0)
            return [.. tasks.Select(task => Evaluate(task, results))];

        log.Warn("There are no predictions: nothing was detected in any image.", LogSource.Evaluation);
        return [.. tasks.Select(TaskMetrics.Undefined)];
    }

    private DetectionList Save(PredictionList predictions, string folder)
    {
        Directory.CreateDirectory(folder);
        PredictionFile.Write(Path.Combine(folder, PredictionsName), predictions);
        DetectionList results = predictions.WithCategoryIds(new CategoryMap(annotations.Categories));
        string path = Path.Combine(folder, ResultsName);
        results.Save(path);
        log.Info(
            $"{results.Count} detections in {predictions.Images.Count} images are in {path}.", LogSource.Evaluation);
        return results;
    }

    private TaskMetrics Evaluate(string task, DetectionList results)
    {
        EvaluationResult result = CocoEvaluator.Evaluate(
            annotations,
            results,
            new EvaluationSettings { Task = task == BoxTask ? EvaluationTask.Box : EvaluationTask.Mask });
        foreach (string warning in result.Warnings)
            log.Warn(warning, LogSource.Evaluation);

        TaskMetrics metrics = TaskMetrics.Of(task, result);
        log.Result(string.Join("\n", SummaryText.Lines(result)));
        log.Result($"Evaluation results for {task}: \n{ResultTables.Overall(metrics)}");
        if (task == BoxTask && DerivesBoxes)
            log.Info("The boxes are derived from the masks: their AP says nothing that that of the masks does not.",
                LogSource.Evaluation);
        if (metrics.Overall.Any(m => double.IsNaN(m.Value)))
            log.Info(UndefinedNote(result.Metrics), LogSource.Evaluation);
        if (metrics.PerClass.Count > 0)
            log.Result($"Per-category {task} AP: \n{ResultTables.PerClass(metrics)}");

        return metrics;
    }

    // E-207. Recall says whether a size has ground truth: it is undefined exactly when there is none.
    private static string UndefinedNote(CocoMetrics metrics)
    {
        string[] empty =
        [
            .. new[] { ("all", metrics.AR100), ("small", metrics.ARs), ("medium", metrics.ARm), ("large", metrics.ARl) }
                .Where(pair => pair.Item2 < 0).Select(pair => pair.Item1),
        ];
        return "Some metrics cannot be computed and are shown as NaN: there is no ground truth of area "
            + $"{string.Join(", ", empty)}.";
    }
}
