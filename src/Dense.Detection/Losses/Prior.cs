namespace Dense.Detection.Losses;

/// <summary>
/// The probability of each class that a detector starts with everywhere: small, so that the many background locations
/// do not drown the first steps.
/// </summary>
internal static class Prior
{
    /// <summary>The logit of a probability, ln(p / (1 − p)): what the classifier's bias starts at.</summary>
    /// <param name="probability">p, between 0 and 1.</param>
    public static double Logit(double probability) => -Math.Log((1 - probability) / probability);
}
