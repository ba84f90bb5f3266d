using System.Globalization;

namespace Dense.Detection;

/// <summary>
/// Refuses predictions that are not finite (M-13): comparisons pass over NaN without a word, and a damaged model would
/// look like one that finds nothing.
/// </summary>
internal static class FinitePredictions
{
    /// <summary>Looks at numbers that the host has anyway.</summary>
    /// <exception cref="NotFiniteNumberException">One is NaN or infinite.</exception>
    public static void Require(ReadOnlySpan<float> numbers, string what)
    {
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
                throw NotFinite(what, number);
        }
    }

    private static NotFiniteNumberException NotFinite(string what, float number)
    {
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"The detector predicts {what} of {number}, expected finite numbers: its weights or the statistics of its "
            + $"normalisation are damaged, or have diverged. Take an earlier checkpoint, or train with a lower "
            + $"SOLVER.BASE_LR.");
        return new NotFiniteNumberException(message, number);
    }
}
