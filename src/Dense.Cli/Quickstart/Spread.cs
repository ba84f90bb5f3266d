using System.Globalization;

namespace Dense.Cli.Quickstart;

/// <summary>What several runs of the same thing gave.</summary>
/// <param name="Values">At least one.</param>
internal sealed record Spread(IReadOnlyList<double> Values)
{
    /// <summary>The mean.</summary>
    public double Mean => Values.Average();

    /// <summary>Half the distance of the largest from the smallest.</summary>
    public double HalfRange => (Values.Max() - Values.Min()) / 2;

    /// <summary><c>12.3 ± 0.4</c>, or <c>12.3</c> for a single value.</summary>
    public override string ToString() => Values.Count == 1
        ? Mean.ToString("F1", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Mean:F1} ± {HalfRange:F1}");
}
