namespace Dense.Training.Settings;

/// <summary>
/// The number format of convolutions and matrix products. Weights, normalisation and losses stay float32.
/// </summary>
public enum TrainingPrecision
{
    /// <summary>32 bits, as in the reference.</summary>
    Float32,

    /// <summary>bfloat16; it takes the place of the reference's half precision (P-117).</summary>
    BFloat16,
}
