namespace Dense.Checkpoints.Pickle;

/// <summary>A NumPy array on its way: empty until BUILD fills it (E-56).</summary>
internal sealed class NumpyArray
{
    /// <summary>The content, once it is known.</summary>
    public TensorRecord? Record { get; set; }
}
