namespace Dense.Checkpoints.Conversion;

/// <summary>What is expected under a name.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="ElementType">Type of each element.</param>
public sealed record TensorLayout(string Name, IReadOnlyList<long> Shape, ElementType ElementType = ElementType.Float32)
{
    /// <summary>The layout of a tensor that is there.</summary>
    public static TensorLayout Of(string name, TensorRecord tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(name, tensor.Shape, tensor.ElementType);
    }
}
