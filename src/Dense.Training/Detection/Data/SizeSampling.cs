namespace Dense.Training.Detection.Data;

/// <summary>How the short side of a training image is drawn (INPUT.MIN_SIZE_TRAIN_SAMPLING, E-109).</summary>
public enum SizeSampling
{
    /// <summary><c>choice</c>: one of the listed sizes.</summary>
    Choice,

    /// <summary><c>range</c>: any whole number between two sizes, both included.</summary>
    Range,
}
