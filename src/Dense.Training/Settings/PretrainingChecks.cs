using Dense.Configuration;
using Dense.Configuration.Reading;
using Dense.Models.Layers;
using Dense.Pretraining;
using Dense.Pretraining.Probes;

namespace Dense.Training.Settings;

/// <summary>What must hold between settings. Each message says what to do.</summary>
public static class PretrainingChecks
{
    /// <summary>Checks what only a run knows: the queue against the global batch (P-206).</summary>
    /// <param name="configuration">The settings of the run.</param>
    /// <param name="worldSize">Processes (W).</param>
    /// <exception cref="ConfigurationException">The run cannot begin, or would stop at its first write to the
    /// queue.</exception>
    public static void CheckRun(PretrainingConfiguration configuration, int worldSize)
    {
        PretrainingSettings settings = configuration.Settings;
        int batch = settings.Data.BatchSizePerProcess;
        int global = batch * worldSize;
        if (settings.Model.Contrastive is { QueueLength: var queue } && queue % global != 0)
        {
            throw new ConfigurationException(configuration.Problem("MODEL.QUEUE_LEN",
                $"expected a multiple of the global batch of {global} ({batch} images × {worldSize} processes), found "
                + $"{queue}. Set it to {NearestMultiple(queue, global)}, or change DATA.BATCH_SIZE_PER_PROCESS."));
        }
    }

    /// <summary>Checks that every parameter rule concerns a parameter (P-212).</summary>
    /// <param name="configuration">The settings of the run.</param>
    /// <param name="parameterNames">The names of the trainable parameters.</param>
    /// <exception cref="ConfigurationException">Names the rules without effect.</exception>
    public static void CheckParameterRules(
        PretrainingConfiguration configuration, IReadOnlyCollection<string> parameterNames)
    {
        var idle = configuration.Settings.Solver.ParameterRules
            .Where(rule => !parameterNames.Any(rule.Matches)).ToList();
        if (idle.Count > 0)
        {
            throw new ConfigurationException([.. idle.Select(rule => configuration.Problem("SOLVER.PARAMWISE",
                $"'{rule.Pattern}' matches none of the {parameterNames.Count} parameters, such as "
                + $"{string.Join(", ", parameterNames.Take(3))}. Mend or remove the rule."))]);
        }
    }

    /// <summary>Checks that need the settings only.</summary>
    internal static void Check(PretrainingSettings settings, ConfigurationReader reader)
    {
        CheckModel(settings, reader);
        CheckLevels(settings, reader);
        CheckSolver(settings, reader);
        CheckData(settings, reader);
    }

    private static void CheckModel(PretrainingSettings settings, ConfigurationReader reader)
    {
        int batch = settings.Data.BatchSizePerProcess;
        int groups = settings.Model.Contrastive?.BatchNormGroups ?? 1;
        if (batch % groups != 0)
        {
            reader.Fail("MODEL.BATCH_NORM_GROUPS",
                $"expected a divisor of DATA.BATCH_SIZE_PER_PROCESS, which is {batch}, found {groups}.");
        }

        bool learnsNorm = settings.Model.Backbone is { NormEval: false, Norm.Kind: not NormKind.Group } backbone
            && backbone.FrozenStages < backbone.NumStages;
        if (learnsNorm && batch < 2 * groups)
        {
            reader.Fail("DATA.BATCH_SIZE_PER_PROCESS",
                $"BatchNorm needs 2 images per process and group, found {batch} for "
                + $"{groups}. Raise it, or lower MODEL.BATCH_NORM_GROUPS.");
        }
    }

    // The pooling of P-154 is made for the maps of one size of image.
    private static void CheckLevels(PretrainingSettings settings, ConfigurationReader reader)
    {
        if (settings.Model.Classification?.Head != HeadKind.MultiLevel)
            return;

        int last = MultiLevelHead.Poolings.Count - 1;
        if (settings.Model.Backbone.NumStages != last)
        {
            reader.Fail("MODEL.BACKBONE.NUM_STAGES",
                $"HEAD.TYPE MultiLevel reads {last} stages, found {settings.Model.Backbone.NumStages}.");
        }

        RequireSize("AUGMENTATION.CROP_SIZE", settings.View.CropSize);
        if (settings.Validation.IntervalEpochs > 0 || settings.Validation.AtStart)
            RequireSize("EVALUATION.CROP_SIZE", settings.EvaluationView.Size);

        void RequireSize(string key, int found)
        {
            if (found != MultiLevelHead.ViewSize)
            {
                reader.Fail(key, $"MODEL.HEAD.TYPE MultiLevel reads views of {MultiLevelHead.ViewSize} pixels, found "
                    + $"{found}. Set {MultiLevelHead.ViewSize}, or TYPE to Linear.");
            }
        }
    }

    private static void CheckSolver(PretrainingSettings settings, ConfigurationReader reader)
    {
        SolverSettings solver = settings.Solver;
        if (settings.Model.Contrastive is not null && solver is { UpdateInterval: > 1, AllowUpdateInterval: false })
        {
            reader.Fail("SOLVER.UPDATE_INTERVAL",
                $"{solver.UpdateInterval} iterations per step do not equal a larger batch "
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
            reader.Fail("DATA.SOURCE",
                "coco has no labels, and METHOD Classification needs them. Choose another source, "
                + "or METHOD DenseCL or MoCo.");
        }

        if (!labels && !settings.Data.DropLast)
        {
            reader.Fail("DATA.DROP_LAST", "contrastive methods cannot write an incomplete batch to the queue: set True "
                + "(P-206).");
        }

        if (!labels && (settings.Validation.IntervalEpochs > 0 || settings.Validation.AtStart))
        {
            reader.Fail("VALIDATION.INTERVAL_EPOCHS",
                "only METHOD Classification has an accuracy. Set 0, and AT_START to "
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

    private static long NearestMultiple(long value, int of) =>
        Math.Max(1, (long)Math.Round((double)value / of, MidpointRounding.AwayFromZero)) * of;
}
