namespace Dense.Training.Detection.Loop;

/// <summary>The numbers of one training step, averaged over the ranks.</summary>
/// <param name="Terms">The losses in the detector's order.</param>
/// <param name="GradientNorm">Norm of all gradients after clipping.</param>
public sealed record StepLosses(IReadOnlyList<(string Name, double Value)> Terms, double GradientNorm)
{
    /// <summary>The sum of the losses.</summary>
    public double Total => Terms.Sum(t => t.Value);

    /// <summary>Whether every loss is finite.</summary>
    public bool IsFinite => Terms.All(t => double.IsFinite(t.Value));
}
