namespace Dense.Training.Detection.Loop;

/// <summary>The numbers of one training step, averaged over the ranks.</summary>
/// <param name="Terms">The losses in the detector's order.</param>
/// <param name="GradientNorm">Norm of all gradients after clipping.</param>
public sealed record StepLosses(IReadOnlyList<(string Name, double Value)> Terms, double GradientNorm)
{
    /// <summary>The losses that cannot fall to 0, less the entropy of their targets: those can (KF-10).</summary>
    public IReadOnlyList<(string Name, double Value)> AboveEntropy { get; init; } = [];

    /// <summary>The longest time that a rank waited for its images, in seconds (E-153).</summary>
    public double DataSeconds { get; init; }

    /// <summary>Whether some rank was asked to stop (E-152).</summary>
    public bool StopAsked { get; init; }

    /// <summary>The rank whose numbers are not finite; the first when none is to blame.</summary>
    public int BlamedRank { get; init; }

    /// <summary>The sum of the losses.</summary>
    public double Total => Terms.Sum(t => t.Value);

    /// <summary>Whether every loss is finite.</summary>
    public bool IsFinite => Terms.All(t => double.IsFinite(t.Value));
}
