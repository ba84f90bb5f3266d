using System.Text.Json;
using Dense.Training.Detection.Solver;

namespace Dense.Torch.Tests.Training.Detection.Solver;

/// <summary>Lists of KEY, VALUE, KEY, VALUE in golden files as settings.</summary>
internal static class SolverOptions
{
    /// <summary>Applies options to settings; an unknown key fails.</summary>
    public static DetectionOptimizerSettings With(this DetectionOptimizerSettings settings, JsonElement options)
    {
        JsonElement[] words = [.. options.EnumerateArray()];
        for (int i = 0; i < words.Length; i += 2)
            settings = With(settings, words[i].GetString()!, words[i + 1]);

        return settings;
    }

    private static DetectionOptimizerSettings With(DetectionOptimizerSettings s, string key, JsonElement value) =>
        key switch
        {
            "SOLVER.BASE_LR" => s with { BaseRate = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY" => s with { WeightDecay = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY_NORM" => s with { WeightDecayNorm = value.GetDouble() },
            "SOLVER.WEIGHT_DECAY_BIAS" => s with { WeightDecayBias = value.GetDouble() },
            "SOLVER.BIAS_LR_FACTOR" => s with { BiasRateFactor = value.GetDouble() },
            "SOLVER.NESTEROV" => s with { Nesterov = value.GetBoolean() },
            "SOLVER.CLIP_GRADIENTS.ENABLED" => s with { Clip = new GradientClipSettings() },
            "SOLVER.CLIP_GRADIENTS.CLIP_TYPE" => s with
            {
                Clip = s.Clip! with { Kind = Enum.Parse<GradientClipKind>(value.GetString()!, ignoreCase: true) },
            },
            "SOLVER.CLIP_GRADIENTS.CLIP_VALUE" => s with { Clip = s.Clip! with { Limit = value.GetDouble() } },
            "SOLVER.MAX_ITER" or "SOLVER.STEPS" or "SOLVER.WARMUP_ITERS" => s,
            _ => throw new InvalidDataException($"An option that this test does not know: {key}."),
        };
}
