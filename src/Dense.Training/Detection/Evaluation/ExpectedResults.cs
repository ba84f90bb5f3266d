using System.Globalization;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using Dense.Training.Logging;

namespace Dense.Training.Detection.Evaluation;

/// <summary>Checks results against TEST.EXPECTED_RESULTS (E-32).</summary>
public static class ExpectedResults
{
    /// <summary>What does not hold; empty when all is as expected.</summary>
    /// <param name="expected">The expectations.</param>
    /// <param name="actual">Results by <c>task/metric</c>.</param>
    public static IReadOnlyList<string> Failures(
        IReadOnlyList<ExpectedResult> expected, IReadOnlyDictionary<string, double> actual) =>
        [.. expected.Select(e => Failure(e, actual)).OfType<string>()];

    /// <summary>Logs what does not hold.</summary>
    /// <returns>Whether all is as expected.</returns>
    internal static bool Verify(
        IReadOnlyList<ExpectedResult> expected, IReadOnlyDictionary<string, double> actual, DetectionLog log)
    {
        IReadOnlyList<string> failures = Failures(expected, actual);
        foreach (string failure in failures)
            log.Note(LogLevel.Error, $"Result verification failed: {failure}", LogSource.Results);
        if (failures.Count == 0)
            log.Info("Results verification passed.", LogSource.Results);

        return failures.Count == 0;
    }

    private static string? Failure(ExpectedResult e, IReadOnlyDictionary<string, double> actual)
    {
        string name = $"{e.Task}/{e.Metric}";
        if (!actual.TryGetValue(name, out double value))
            return $"{name} is not among the results ({string.Join(", ", actual.Keys.Take(12))}).";

        return Math.Abs(value - e.Value) <= e.Tolerance
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: expected {e.Value} ± {e.Tolerance}, found {(double.IsNaN(value) ? "nan" : value):0.####}.");
    }
}
