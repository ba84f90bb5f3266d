using System.Text.Json;
using Dense.Training.Detection.Settings;

namespace Dense.Torch.Tests.Training.Detection.Solver;

/// <summary>Lists of KEY, VALUE, KEY, VALUE in golden files as settings.</summary>
internal static class SolverOptions
{
    /// <summary>Applies options to settings; an unknown key fails.</summary>
    public static DetectionSolverSettings With(this DetectionSolverSettings settings, JsonElement options)
    {
        JsonElement[] words = [.. options.EnumerateArray()];
        for (int i = 0; i < words.Length; i += 2)
            settings = With(settings, words[i].GetString()!, words[i + 1]);

        return settings;
    }

    private static DetectionSolverSettings With(DetectionSolverSettings s, string key, JsonElement value) =>
        key switch
        {
            "SOLVER.BASE_LR" => s with { BaseRate = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY" => s with { WeightDecay = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY_NORM" => s with { WeightDecayNorm = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY_BIAS" => s with { WeightDecayBias = value.GetDouble() },
            "SOLVER.BIAS_LR_FACTOR" => s with { BiasRateFactor = value.GetDouble() },
            "SOLVER.NESTEROV" => s with { Nesterov = value.GetBoolean() },
            "SOLVER.CLIP_GRADIENTS.ENABLED" => s with { Clipping = new GradientClipping(false, 1, 2) },
            "SOLVER.CLIP_GRADIENTS.CLIP_TYPE" => s with
            {
                Clipping = s.Clipping! with { ByNorm = value.GetString() == "norm" },
            },
            "SOLVER.CLIP_GRADIENTS.CLIP_VALUE" => s with { Clipping = s.Clipping! with { Limit = value.GetDouble() } },
            "SOLVER.MAX_ITER" => s with { MaxIterations = value.GetInt32() },
            "SOLVER.STEPS" => s with { Steps = [.. value.EnumerateArray().Select(v => v.GetInt32())] },
            "SOLVER.WARMUP_ITERS" => s with { WarmupIterations = value.GetInt32() },
            _ => throw new InvalidDataException($"An option that this test does not know: {key}."),
        };
}
