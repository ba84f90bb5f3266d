using Dense.Configuration;

namespace Dense.Training.Detection.Settings;

/// <summary>Fits a run to the number of its processes (E-86, E-87).</summary>
public static class WorldSizeScaling
{
    private const string BatchKey = "SOLVER.IMS_PER_BATCH";

    /// <summary>
    /// Scales batch, learning rate and all iteration counts by W / R when SOLVER.REFERENCE_WORLD_SIZE R is set and is
    /// not W.
    /// </summary>
    /// <param name="configuration">The run as configured.</param>
    /// <param name="worldSize">Processes (W).</param>
    /// <returns>The settings to run with, and what changed, for the log.</returns>
    /// <exception cref="ConfigurationException">The batch cannot be divided among R processes, or too few iterations
    /// are left for the steps of the schedule.</exception>
    public static ScaledRun Apply(DetectionConfiguration configuration, int worldSize)
    {
        DetectionRunSettings settings = configuration.Settings;
        DetectionSolverSettings solver = settings.Solver;
        int reference = solver.ReferenceWorldSize;
        if (reference == 0 || reference == worldSize)
            return new ScaledRun(settings, []);

        RequireDivisible(configuration, solver.ImagesPerBatch, reference, "SOLVER.REFERENCE_WORLD_SIZE");
        double scale = (double)worldSize / reference;
        DetectionSolverSettings scaled = solver with
        {
            ImagesPerBatch = Rounded(solver.ImagesPerBatch * scale),
            BaseRate = solver.BaseRate * scale,
            MaxIterations = Rounded(solver.MaxIterations / scale),
            WarmupIterations = Rounded(solver.WarmupIterations / scale),
            Steps = [.. solver.Steps.Select(step => Rounded(step / scale))],
            CheckpointPeriod = Rounded(solver.CheckpointPeriod / scale),
            ReferenceWorldSize = worldSize,
        };
        RequireSchedule(configuration, scaled);
        DetectionTestSettings test = settings.Test with
        {
            EvaluationPeriod = Rounded(settings.Test.EvaluationPeriod / scale),
        };
        DetectionRunSettings after = settings with { Solver = scaled, Test = test };
        return new ScaledRun(after, Changes(settings, after));
    }

    /// <summary>The images of one process per iteration.</summary>
    /// <param name="configuration">The run as configured.</param>
    /// <param name="solver">Its solver, scaled.</param>
    /// <param name="worldSize">Processes.</param>
    /// <exception cref="ConfigurationException">The batch cannot be divided among them.</exception>
    public static int ImagesPerProcess(
        DetectionConfiguration configuration, DetectionSolverSettings solver, int worldSize)
    {
        RequireDivisible(configuration, solver.ImagesPerBatch, worldSize, "the number of processes");
        if (solver.BatchParts > 1)
        {
            RequireDivisible(configuration, solver.ImagesPerBatch, worldSize * solver.BatchParts,
                "--accumulate times the number of processes");
        }

        return solver.ImagesPerBatch / worldSize;
    }

    private static void RequireDivisible(DetectionConfiguration configuration, int images, int by, string name)
    {
        if (images % by != 0)
        {
            throw new ConfigurationException(configuration.Problem(BatchKey,
                $"expected a multiple of {name}, which is {by}, found {images}."));
        }
    }

    // E-82 c, which rounding may break.
    private static void RequireSchedule(DetectionConfiguration configuration, DetectionSolverSettings scaled)
    {
        int[] steps = scaled.Schedule == LearningRateSchedule.MultiStep ? [.. scaled.Steps] : [];
        int[] points = [.. steps, scaled.MaxIterations];
        if (scaled.MaxIterations < 1 || points.Zip(points.Skip(1)).Any(p => p.First >= p.Second))
        {
            throw new ConfigurationException(configuration.Problem("SOLVER.STEPS",
                $"scaled to {scaled.ReferenceWorldSize} processes they are ({string.Join(", ", steps)}) of "
                + $"{scaled.MaxIterations} iterations (SOLVER.MAX_ITER); expected ascending iterations before the end. "
                + "Set SOLVER.REFERENCE_WORLD_SIZE to 0, or lengthen the schedule."));
        }
    }

    private static List<ScaledValue> Changes(DetectionRunSettings before, DetectionRunSettings after)
    {
        (DetectionSolverSettings b, DetectionSolverSettings a) = (before.Solver, after.Solver);
        ScaledValue[] all =
        [
            new(BatchKey, $"{b.ImagesPerBatch}", $"{a.ImagesPerBatch}"),
            new("SOLVER.BASE_LR", $"{b.BaseRate}", $"{a.BaseRate}"),
            new("SOLVER.MAX_ITER", $"{b.MaxIterations}", $"{a.MaxIterations}"),
            new("SOLVER.WARMUP_ITERS", $"{b.WarmupIterations}", $"{a.WarmupIterations}"),
            new("SOLVER.STEPS", string.Join(", ", b.Steps), string.Join(", ", a.Steps)),
            new("SOLVER.CHECKPOINT_PERIOD", $"{b.CheckpointPeriod}", $"{a.CheckpointPeriod}"),
            new("TEST.EVAL_PERIOD", $"{before.Test.EvaluationPeriod}", $"{after.Test.EvaluationPeriod}"),
            new("SOLVER.REFERENCE_WORLD_SIZE", $"{b.ReferenceWorldSize}", $"{a.ReferenceWorldSize}"),
        ];
        return [.. all.Where(value => value.Before != value.After)];
    }

    // Python's round, half to even; the reference divides by the scale factor in doubles too.
    private static int Rounded(double value) => (int)Math.Round(value, MidpointRounding.ToEven);
}
