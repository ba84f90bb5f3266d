namespace Dense.Training.Detection.Data.Sampling;

/// <summary>How often an epoch shows each image, so that rare classes come more often (E-101).</summary>
public static class RepeatFactors
{
    /// <summary>Computes the factors.</summary>
    /// <param name="images">The images.</param>
    /// <param name="threshold">t: a class in a smaller share f of the images is rare.</param>
    /// <param name="squareRoot">Whether a class's factor is √(t/f), else t/f.</param>
    /// <returns>One factor for each image, at least 1: the largest of its classes, crowds included.</returns>
    public static float[] Of(IReadOnlyList<ImageRecord> images, double threshold, bool squareRoot)
    {
        int[][] classes = [.. images.Select(i => i.Objects.Select(o => o.ClassId).Distinct().ToArray())];
        Dictionary<int, int> imagesWith = classes.SelectMany(c => c).CountBy(c => c).ToDictionary();
        Dictionary<int, double> factorOf = imagesWith.ToDictionary(
            entry => entry.Key, entry => Factor(entry.Value / (double)images.Count));
        return [.. classes.Select(c => (float)c.Select(k => factorOf[k]).DefaultIfEmpty(1).Max())];

        double Factor(double share) =>
            Math.Max(1, squareRoot ? Math.Sqrt(threshold / share) : threshold / share);
    }
}
