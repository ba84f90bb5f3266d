namespace Dense.Checkpoints.Conversion;

/// <summary>A name with one shape in the file and another in the model.</summary>
/// <param name="Name">The tensor's name in the model.</param>
/// <param name="InFile">Shape in the file.</param>
/// <param name="Expected">Shape in the model.</param>
/// <param name="FileName">The tensor's name in the file; null when it is the same.</param>
public sealed record ShapeMismatch(
    string Name, IReadOnlyList<long> InFile, IReadOnlyList<long> Expected, string? FileName = null)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}{(FileName is null ? "" : $" <- {FileName}")}: [{string.Join(", ", InFile)}] in the file, "
        + $"[{string.Join(", ", Expected)}] expected";
}
