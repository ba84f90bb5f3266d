namespace Dense.Testing;

/// <summary>One array of a golden file.</summary>
/// <param name="ElementType">The type's full name, such as <c>Float32</c>.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Bytes">The values, little-endian.</param>
public sealed record GoldenArray(string ElementType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes);
