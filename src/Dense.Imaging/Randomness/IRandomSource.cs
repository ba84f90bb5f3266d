namespace Dense.Imaging;

/// <summary>
/// What augmentation draws from. <see cref="SampleRandom"/> is the product's source, <see cref="TorchvisionRandom"/>
/// replays the reference's.
/// </summary>
public interface IRandomSource
{
    /// <summary>A number in [0, 1), a multiple of 2⁻²⁴.</summary>
    float NextUnit();

    /// <summary>An integer in [0, <paramref name="count"/>).</summary>
    /// <param name="count">At least 1.</param>
    int NextInteger(int count);

    /// <summary>
    /// A number in [0, 1) with 53 bits, for the blur's σ alone, which the reference takes from another generator
    /// (P-98).
    /// </summary>
    double NextBlurUnit();
}
