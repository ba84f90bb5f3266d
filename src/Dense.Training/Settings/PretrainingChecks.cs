using Dense.Configuration;
using Dense.Configuration.Reading;
using Dense.Models.Layers;

namespace Dense.Training.Settings;

/// <summary>What must hold between settings. Each message says what to do.</summary>
public static class PretrainingChecks
{
    /// <summary>Checks that need the number of processes: the queue against the global batch (P-206).</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="worldSize">Processes (W).</param>
    /// <exception cref="ConfigurationException">The run would stop at its first write to the queue.</exception>
    public static void CheckProcesses(PretrainingSettings settings, int worldSize)
    {
        int batch = settings.Data.BatchSizePerProcess;
        int global = batch * worldSize;
        int queue = settings.Model.Contrast.QueueLength;
        if (settings.Model.IsContrastive && queue % global != 0)
        {
            throw new ConfigurationException(new Problem("MODEL.QUEUE_LEN", Origin.Default,
                $"expected a multiple of the global batch of {global} ({batch} images × {worldSize} processes), found "
                + $"{queue}. Set it to {NearestMultiple(queue, global)}, or change DATA.BATCH_SIZE_PER_PROCESS."));
        }
    }

    /// <summary>Says when images would often meet their own older keys as negatives (P-207).</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="imageCount">Images of the training set (D).</param>
    /// <param name="globalBatch">Images per iteration of all processes (B).</param>
    /// <returns>The warning; null when the queue is short enough.</returns>
    public static string? QueueWarning(PretrainingSettings settings, int imageCount, int globalBatch)
    {
        int queue = settings.Model.Contrast.QueueLength;
        if (!settings.Model.IsContrastive || queue <= imageCount / 2)
            return null;

        int suggested = Math.Max(globalBatch, imageCount / 4 / globalBatch * globalBatch);
        return $"MODEL.QUEUE_LEN is {queue}, the data set has {imageCount} images: the older keys of an image stand among "
            + $"its own negatives, and the loss stays high. Set it to {suggested} or less.";
    }

    /// <summary>Checks that every parameter rule concerns a parameter (P-212).</summary>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="parameterNames">The names of the trainable parameters.</param>
    /// <exception cref="ConfigurationException">Names the rules without effect.</exception>
    public static void CheckParameterRules(SolverSettings settings, IReadOnlyCollection<string> parameterNames)
    {
        var idle = settings.ParameterRules.Where(rule => !parameterNames.Any(rule.Matches)).ToList();
        if (idle.Count > 0)
        {
            throw new ConfigurationException([.. idle.Select(rule => new Problem("SOLVER.PARAMWISE", Origin.Default,
                $"'{rule.Pattern}' matches none of the {parameterNames.Count} parameters, such as "
                + $"{string.Join(", ", parameterNames.Take(3))}. Mend or remove the rule."))]);
        }
    }

    /// <summary>Checks that need the settings only.</summary>
    internal static void Check(PretrainingSettings settings, ConfigurationReader reader)
    {
        CheckModel(settings, reader);
        CheckSolver(settings, reader);
        CheckData(settings, reader);
    }

    private static void CheckModel(PretrainingSettings settings, ConfigurationReader reader)
    {
        ModelSettings model = settings.Model;
        int batch = settings.Data.BatchSizePerProcess;
        bool dense = model.Neck.Kind == NeckKind.Dense;
        if (model.IsContrastive && dense != (model.Method == MethodKind.DenseCl))
        {
            reader.Fail("MODEL.NECK.TYPE", model.Method == MethodKind.DenseCl
                ? "METHOD DenseCL projects densely: expected Dense."
                : "METHOD MoCo has no dense projection: expected Linear (v1), MLP (v2) or SimCLR.");
        }

        if (model.Backbone.FrozenStages > model.Backbone.NumStages)
        {
            reader.Fail("MODEL.BACKBONE.FROZEN_STAGES",
                $"expected at most NUM_STAGES, which is {model.Backbone.NumStages}, found {model.Backbone.FrozenStages}.");
        }

        if (model.IsContrastive && batch % model.Contrast.BatchNormGroups != 0)
        {
            reader.Fail("MODEL.BATCH_NORM_GROUPS", $"expected a divisor of DATA.BATCH_SIZE_PER_PROCESS, which is {batch}, "
                + $"found {model.Contrast.BatchNormGroups}.");
        }

        if (model.IsContrastive && batch < 2 * model.Contrast.BatchNormGroups
            && model.Backbone is { Norm.Kind: NormKind.Batch, NormEval: false })
        {
            reader.Fail("DATA.BATCH_SIZE_PER_PROCESS", $"BatchNorm needs 2 images per process and group, found {batch} "
                + $"for {model.Contrast.BatchNormGroups}. Raise it, or lower MODEL.BATCH_NORM_GROUPS.");
        }
    }

    private static void CheckSolver(PretrainingSettings settings, ConfigurationReader reader)
    {
        SolverSettings solver = settings.Solver;
        if (settings.Model.IsContrastive && solver is { UpdateInterval: > 1, AllowUpdateInterval: false })
        {
            reader.Fail("SOLVER.UPDATE_INTERVAL", $"{solver.UpdateInterval} iterations per step do not equal a larger batch "
                + "here: queue and key encoder change every iteration. Set it to 1, or SOLVER.ALLOW_UPDATE_INTERVAL to "
                + "True if you want it nevertheless (P-237).");
        }

        if (solver is { Nesterov: true, Momentum: 0 })
            reader.Fail("SOLVER.NESTEROV", "needs a momentum: set SOLVER.MOMENTUM above 0, or NESTEROV to False.");
        if (solver.Schedule.MinimumRate is { } minimum && minimum > solver.BaseRate)
            reader.Fail("SOLVER.MIN_LR", $"expected at most BASE_LR, which is {solver.BaseRate}, found {minimum}.");
    }

    private static void CheckData(PretrainingSettings settings, ConfigurationReader reader)
    {
        bool labels = settings.Model.Method == MethodKind.Classification;
        if (labels && settings.Data.Source.Kind == DataSourceKind.Coco)
        {
            reader.Fail("DATA.SOURCE", "coco has no labels, and METHOD Classification needs them. Choose another source, "
                + "or METHOD DenseCL or MoCo.");
        }

        if (!labels && !settings.Data.DropLast)
        {
            reader.Fail("DATA.DROP_LAST", "contrastive methods cannot write an incomplete batch to the queue: set True "
                + "(P-206).");
        }

        if (!labels && (settings.Validation.IntervalEpochs > 0 || settings.Validation.AtStart))
        {
            reader.Fail("VALIDATION.INTERVAL_EPOCHS", "only METHOD Classification has an accuracy. Set 0, and AT_START to "
                + "False; for a signal without labels in training use PROBE.INTERVAL_EPOCHS.");
        }

        if (settings.Validation.IntervalEpochs > 0 || settings.Validation.AtStart)
            RequireLabels(settings.Validation.Source, "VALIDATION", reader);
        if (settings.Probe.IntervalEpochs > 0)
        {
            RequireLabels(settings.Probe.Train, "PROBE.TRAIN", reader);
            RequireLabels(settings.Probe.Test, "PROBE.TEST", reader);
        }
    }

    private static void RequireLabels(DataSourceSettings source, string section, ConfigurationReader reader)
    {
        if (source.Root is null)
            reader.Fail($"{section}.ROOT", "expected a folder of labelled images, found null.");
        if (source.Kind == DataSourceKind.Coco)
            reader.Fail($"{section}.SOURCE", "expected a labelled source, coco has no labels.");
    }

    private static int NearestMultiple(int value, int of) =>
        Math.Max(1, (int)Math.Round((double)value / of, MidpointRounding.AwayFromZero)) * of;
}
