using Dense.Detection.Fcos;

namespace Dense.Detection.Tests.Fcos;

/// <summary>Compares detections as sets, by the rule of the golden data's README.</summary>
internal static class DetectionMatch
{
    private const float Pixels = 0.01f;
    private const float Score = 5e-5f;
    private const double Share = 0.98;

    /// <summary>Detections from a golden file; locations and levels where it has them.</summary>
    public static FcosDetections Read(GoldenArrays arrays, string prefix)
    {
        int n = (int)arrays[prefix + ".scores"].Shape[0];
        bool full = arrays.Names.Contains(prefix + ".locations");
        return new FcosDetections(
            arrays.Floats(prefix + ".boxes"),
            arrays.Floats(prefix + ".scores"),
            FcosTargetsTests.Integers(arrays, prefix + ".classes"),
            full ? arrays.Floats(prefix + ".locations") : new float[2 * n],
            full ? FcosTargetsTests.Integers(arrays, prefix + ".fpn_levels") : new int[n]);
    }

    /// <summary>Asserts that almost all detections of each side have a partner on the other and that their number is
    /// equal.</summary>
    public static void Equal(FcosDetections expected, FcosDetections actual, bool withLocations)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(actual.Scores.OrderDescending(), actual.Scores);
        var free = Enumerable.Range(0, actual.Count).ToHashSet();
        int matched = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            int? partner = free.Where(j => Same(expected, i, actual, j, withLocations)).Cast<int?>().FirstOrDefault();
            if (partner is null)
                continue;
            free.Remove(partner.Value);
            matched++;
        }

        Assert.InRange(matched, (int)Math.Ceiling(Share * expected.Count), expected.Count);
    }

    private static bool Same(FcosDetections a, int i, FcosDetections b, int j, bool withLocations) =>
        a.Classes[i] == b.Classes[j]
        && Math.Abs(a.Scores[i] - b.Scores[j]) <= Score
        && Enumerable.Range(0, 4).All(k => Math.Abs(a.Boxes[4 * i + k] - b.Boxes[4 * j + k]) <= Pixels)
        && (!withLocations || (a.Levels[i] == b.Levels[j]
            && a.Locations[2 * i] == b.Locations[2 * j] && a.Locations[2 * i + 1] == b.Locations[2 * j + 1]));
}
