namespace Dense.Training.Schedules;

/// <summary>The weight of DenseCL's dense loss (λ) over a run: 0 at first, then the configured one (P-35).</summary>
/// <param name="lambda">The configured weight, 0…1.</param>
/// <param name="startIteration">The first iteration with that weight; 0, the published setting, for no warm-up.</param>
public sealed class LambdaWarmup(double lambda, long startIteration)
{
    /// <summary>The weight of an iteration, counted over the whole run from 0.</summary>
    public double Lambda(long iteration) => iteration < startIteration ? 0 : lambda;
}
