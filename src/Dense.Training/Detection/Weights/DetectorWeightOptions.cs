namespace Dense.Training.Detection.Weights;

/// <summary>How strictly weights are loaded.</summary>
public sealed record DetectorWeightOptions
{
    /// <summary>Whether names match by their ends whatever the file says (<c>?matching_heuristics=True</c>, E-41).
    /// </summary>
    public bool MatchNames { get; init; }

    /// <summary>Whether parts of the model may stay initialised (<c>--allow-missing-weights</c>, E-192).</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Whether nothing will be trained, so that the heads must be found too (<c>--eval-only</c>).</summary>
    public bool EvaluationOnly { get; init; }

    /// <summary>Whether objects of unknown classes are read past instead of refused
    /// (<c>--allow-opaque-pickle-objects</c>, E-51).</summary>
    public bool AllowOpaqueObjects { get; init; }
}
