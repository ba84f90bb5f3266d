using Dense.Torch;

namespace Dense.Training.Detection.Solver;

/// <summary>A trainable parameter as the solver's rules see it.</summary>
/// <param name="Named">The parameter under its name in checkpoints.</param>
/// <param name="OfNorm">Whether a normalisation layer owns it.</param>
public readonly record struct SolverParameter(NamedParameter Named, bool OfNorm)
{
    /// <summary>Its name in checkpoints.</summary>
    public string Name => Named.Name;

    /// <summary>Whether its own name is <c>bias</c>.</summary>
    public bool IsBias => Name == "bias" || Name.EndsWith(".bias", StringComparison.Ordinal);
}
