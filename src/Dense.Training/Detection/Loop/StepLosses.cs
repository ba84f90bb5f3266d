using Dense.Training.Loop;

namespace Dense.Training.Detection.Loop;

/// <summary>The numbers of one training step, averaged over the ranks.</summary>
/// <param name="Terms">The losses in the detector's order.</param>
/// <param name="GradientNorm">Norm of all gradients before clipping.</param>
public sealed record StepLosses(IReadOnlyList<(string Name, double Value)> Terms, double GradientNorm)
{
    /// <summary>The losses that cannot fall to 0, less the entropy of their targets: those can (KF-10).</summary>
    public IReadOnlyList<(string Name, double Value)> AboveEntropy { get; init; } = [];

    /// <summary>The longest time that a rank waited for its images, in seconds (E-153).</summary>
    public double DataSeconds { get; init; }

    /// <summary>Whether some rank was asked to stop (E-152).</summary>
    public bool StopAsked { get; init; }

    /// <summary>The first number that is not finite, losses before gradients; null when all are.</summary>
    public NonFiniteNumber? NonFinite { get; init; }

    /// <summary>The sum of the losses.</summary>
    public double Total => Terms.Sum(t => t.Value);

    /// <summary>Whether every loss and gradient is finite, on every rank.</summary>
    public bool IsFinite => NonFinite is null;
}
