namespace Dense.Checkpoints.Pickle;

/// <summary>A name in a pickle. It is a token: nothing stands behind it that could run.</summary>
/// <param name="Name">Module and name, as the file writes them.</param>
/// <param name="Kind">What it builds.</param>
/// <param name="ElementType">For storage classes and torch element types: which; null for an untyped storage or an
/// element type that we lack.</param>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, ElementType? ElementType = null);
