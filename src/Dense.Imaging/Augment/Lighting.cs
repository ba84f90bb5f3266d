namespace Dense.Imaging;

/// <summary>
/// PCA lighting (Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012, section
/// 4.1; P-84): one number per channel is added to values in 0…1, along the principal components of ImageNet's colours.
/// </summary>
/// <param name="First">α of the first component, of the largest variance.</param>
/// <param name="Second">α of the second.</param>
/// <param name="Third">α of the third.</param>
public readonly record struct Lighting(float First, float Second, float Third)
{
    // e of P-84.
    private static readonly (float First, float Second, float Third) Eigenvalues = (0.2175f, 0.0188f, 0.0045f);

    // E of P-84: a row per channel R, G, B, a column per component.
    private static readonly (float First, float Second, float Third)[] Eigenvectors =
    [
        (-0.5675f, 0.7192f, 0.4009f),
        (-0.5808f, -0.0045f, -0.8140f),
        (-0.5836f, -0.6948f, 0.4203f),
    ];

    /// <summary>What is added to a channel: its row of E·(α∘e) in float32, every operation rounded.</summary>
    /// <param name="channel">0 for R, 1 for G, 2 for B.</param>
    public float Offset(int channel)
    {
        (float first, float second, float third) = Eigenvectors[channel];
        return (first * (First * Eigenvalues.First))
            + (second * (Second * Eigenvalues.Second))
            + (third * (Third * Eigenvalues.Third));
    }
}
