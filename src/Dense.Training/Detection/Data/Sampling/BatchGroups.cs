namespace Dense.Training.Detection.Data.Sampling;

/// <summary>
/// Which images may share a batch: wide ones or high ones (E-103), and of those the ones whose shape is similar
/// (KF-35).
/// </summary>
internal static class BatchGroups
{
    /// <summary>Number of groups; some may be empty.</summary>
    public static int Count(DetectionDataSettings settings) =>
        (settings.AspectRatioGrouping ? 2 : 1) * settings.SizeBuckets;

    /// <summary>The group of each image, from 0.</summary>
    public static int[] Of(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings)
    {
        int[] buckets = Buckets([.. images.Select(i => Extent(i, settings))], settings.SizeBuckets);
        return [.. images.Zip(buckets, (image, bucket) =>
            (settings.AspectRatioGrouping && image.Width <= image.Height ? settings.SizeBuckets : 0) + bucket)];
    }

    // Images that are resized have one short side, so that their long sides tell them apart; others have their own
    // size.
    private static double Extent(ImageRecord image, DetectionDataSettings settings)
    {
        double small = Math.Min(image.Width, image.Height), large = Math.Max(image.Width, image.Height);
        return settings.MinSizeTrain.All(side => side > 0) ? large / small : large * small;
    }

    // Equal extents share a bucket: that of the first of them in order.
    private static int[] Buckets(double[] extents, int count)
    {
        double[] sorted = [.. extents.Order()];
        Dictionary<double, int> firstAt = [];
        foreach (var (index, extent) in sorted.Index())
            firstAt.TryAdd(extent, index);

        return [.. extents.Select(e => (int)((long)firstAt[e] * count / extents.Length))];
    }
}
