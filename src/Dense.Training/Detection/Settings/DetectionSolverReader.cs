using Dense.Configuration.Detection;
using Dense.Configuration.Reading;

namespace Dense.Training.Detection.Settings;

/// <summary>Reads SOLVER (E-76 to E-87).</summary>
internal static class DetectionSolverReader
{
    public static DetectionSolverSettings Read(MergedReader reader)
    {
        var solver = new DetectionSolverSettings
        {
            ImagesPerBatch = reader.Int("SOLVER.IMS_PER_BATCH", Bounds.AtLeast(1)),
            BaseRate = reader.Float("SOLVER.BASE_LR", Bounds.NotNegative),
            Momentum = reader.Float("SOLVER.MOMENTUM", Bounds.Below(0, 1)),
            Nesterov = reader.Bool("SOLVER.NESTEROV"),
            WeightDecay = reader.Float("SOLVER.WEIGHT_DECAY", Bounds.NotNegative),
            WeightDecayNorm = reader.OptionalFloat("SOLVER.WEIGHT_DECAY_NORM", Bounds.NotNegative),
            WeightDecayBias = reader.OptionalFloat("SOLVER.WEIGHT_DECAY_BIAS", Bounds.NotNegative),
            BiasRateFactor = reader.Float("SOLVER.BIAS_LR_FACTOR", Bounds.NotNegative),
            Clipping = ReadClipping(reader),
            MixedPrecision = reader.Bool("SOLVER.AMP.ENABLED"),
            CheckpointPeriod = reader.Int("SOLVER.CHECKPOINT_PERIOD", Bounds.None),
            ReferenceWorldSize = reader.Int("SOLVER.REFERENCE_WORLD_SIZE", Bounds.NotNegative),
        };
        if (solver is { Nesterov: true, Momentum: 0 })
            reader.Fail("SOLVER.NESTEROV", "needs a momentum: set SOLVER.MOMENTUM above 0, or NESTEROV to False.");

        return ReadSchedule(reader, solver);
    }

    private static GradientClipping? ReadClipping(MergedReader reader)
    {
        bool enabled = reader.Bool("SOLVER.CLIP_GRADIENTS.ENABLED");
        var clipping = new GradientClipping(
            reader.Choice("SOLVER.CLIP_GRADIENTS.CLIP_TYPE", ("value", false), ("norm", true)),
            reader.Float("SOLVER.CLIP_GRADIENTS.CLIP_VALUE", Bounds.Positive),
            reader.Float("SOLVER.CLIP_GRADIENTS.NORM_TYPE"));
        if (!(clipping.NormType > 0))
            reader.Fail("SOLVER.CLIP_GRADIENTS.NORM_TYPE", $"expected more than 0, found {clipping.NormType}.");

        return enabled ? clipping : null;
    }

    private static DetectionSolverSettings ReadSchedule(MergedReader reader, DetectionSolverSettings solver)
    {
        int iterations = reader.Int("SOLVER.MAX_ITER", Bounds.AtLeast(1));
        solver = solver with
        {
            Schedule = reader.Choice("SOLVER.LR_SCHEDULER_NAME",
                ("WarmupMultiStepLR", LearningRateSchedule.MultiStep),
                ("WarmupCosineLR", LearningRateSchedule.Cosine),
                ("WarmupStepWithFixedGammaLR", LearningRateSchedule.FixedSteps)),
            MaxIterations = iterations,
            Gamma = reader.Float("SOLVER.GAMMA", Bounds.NotNegative),
            NumDecays = reader.Int("SOLVER.NUM_DECAYS", Bounds.NotNegative),
            EndRate = reader.Float("SOLVER.BASE_LR_END", Bounds.NotNegative),
            WarmupIterations = reader.Int("SOLVER.WARMUP_ITERS", Bounds.NotNegative),
            WarmupFactor = reader.Float("SOLVER.WARMUP_FACTOR", Bounds.NotNegative),
            WarmupMethod = reader.Choice("SOLVER.WARMUP_METHOD",
                ("linear", WarmupMethod.Linear), ("constant", WarmupMethod.Constant)),
            RescaleInterval = reader.Bool("SOLVER.RESCALE_INTERVAL"),
            Steps = reader.Ints("SOLVER.STEPS", Bounds.NotNegative),
        };
        bool hasRatio = solver.BaseRate > 0 && solver.EndRate <= solver.BaseRate;
        if (solver.Schedule == LearningRateSchedule.Cosine && !hasRatio)
        {
            reader.Fail("SOLVER.BASE_LR_END", "expected at most BASE_LR, which must be above 0: BASE_LR is "
                + $"{solver.BaseRate}, found {solver.EndRate}.");
        }

        return solver.Schedule == LearningRateSchedule.MultiStep
            ? solver with { Steps = UsefulSteps(reader, solver.Steps, iterations) }
            : solver;
    }

    // E-82 c and e: steps after the end are dropped, one at the end or out of order is an error.
    private static List<int> UsefulSteps(MergedReader reader, IReadOnlyList<int> all, int iterations)
    {
        const string Key = "SOLVER.STEPS";
        List<int> steps = [.. all.Where(step => step <= iterations)];
        if (steps.Count < all.Count)
        {
            reader.Warn(Key, $"{string.Join(", ", all.Where(step => step > iterations))} of ({string.Join(", ", all)}) "
                + $"are never reached: SOLVER.MAX_ITER is {iterations}.");
        }

        if (steps.Zip(steps.Skip(1)).Any(pair => pair.First >= pair.Second))
            reader.Fail(Key, $"expected ascending iterations, found ({string.Join(", ", all)}).");
        else if (steps.Contains(iterations))
            reader.Fail(Key, $"the step at {iterations} is the end of training (SOLVER.MAX_ITER). Remove or lower it.");

        return steps;
    }
}
