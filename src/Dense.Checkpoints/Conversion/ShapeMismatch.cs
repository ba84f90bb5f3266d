namespace Dense.Checkpoints.Conversion;

/// <summary>A name with one shape in the file and another in the model.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="InFile">Shape in the file.</param>
/// <param name="Expected">Shape in the model.</param>
public sealed record ShapeMismatch(string Name, IReadOnlyList<long> InFile, IReadOnlyList<long> Expected)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: [{string.Join(", ", InFile)}] in the file, [{string.Join(", ", Expected)}] expected";
}
