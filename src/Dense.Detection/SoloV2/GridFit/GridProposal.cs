using Dense.Coco.Annotations;
using Dense.Detection.Settings;

namespace Dense.Detection.SoloV2.GridFit;

/// <summary>
/// Proposes FPN_SCALE_RANGES and NUM_GRIDS for a data set (KF-22). The reference's fit COCO; objects of other sizes
/// crowd on one level, and those beyond the ranges are never trained.
/// </summary>
/// <remarks>
/// The objects are split by size into as many equal parts as there are levels, the borders at least √2 apart; a range
/// reaches √2 beyond its part on both sides, as the reference's do, so that most objects are on two levels. A grid has
/// the fewest cells with which at most one object in a hundred shares its centre's cell, but never more than its
/// feature map.
/// </remarks>
public static class GridProposal
{
    private const int SmallestGrid = 12, GridStep = 4, LargestSize = 2048;
    private const double ContestedLimit = 0.01;
    private static readonly double Overlap = Math.Sqrt(2);

    /// <summary>
    /// The objects of a data set with images enlarged as for training. Crowds, and objects or images whose size is
    /// unknown, are left out.
    /// </summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="shortSide">What images are resized to: the short side, in pixels.</param>
    /// <param name="longest">Largest long side.</param>
    public static IReadOnlyList<GridObject> Objects(CocoDataset dataset, int shortSide, int longest)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Dictionary<long, CocoImage> images = [];
        foreach (CocoImage image in dataset.Images.Where(i => i is { Width: > 0, Height: > 0 }))
            images[image.Id] = image;

        var objects = new List<GridObject>();
        foreach (CocoAnnotation annotation in dataset.Annotations)
        {
            if (!annotation.IsCrowd && annotation.Box is { Width: > 0, Height: > 0 } box
                && images.TryGetValue(annotation.ImageId, out CocoImage? image))
            {
                double scale = Math.Min(
                    (double)shortSide / Math.Min(image.Width, image.Height),
                    (double)longest / Math.Max(image.Width, image.Height));
                objects.Add(new GridObject(
                    image.Id,
                    scale * Math.Sqrt(box.Area),
                    scale * (box.X + box.Width / 2) / Padded(scale * image.Width),
                    scale * (box.Y + box.Height / 2) / Padded(scale * image.Height)));
            }
        }

        return objects;
    }

    /// <summary>How the objects fill the grids of some settings.</summary>
    public static IReadOnlyList<GridLevel> Fill(IReadOnlyList<GridObject> objects, SoloV2Settings settings) =>
        [.. settings.ScaleRanges.Zip(settings.Grids, (range, grid) => GridLevel.Count(objects, range, grid))];

    /// <summary>Proposes ranges and grids.</summary>
    /// <param name="objects">At least one.</param>
    /// <param name="settings">How many levels there are.</param>
    /// <param name="shortSide">The short side of enlarged images, in pixels.</param>
    /// <exception cref="ArgumentException">There are no objects.</exception>
    public static IReadOnlyList<GridLevel> Of(
        IReadOnlyList<GridObject> objects, SoloV2Settings settings, int shortSide)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(settings);
        if (objects.Count == 0)
            throw new ArgumentException("There are no objects.", nameof(objects));

        return [.. Ranges(objects, settings.Strides.Count).Zip(settings.Strides, (range, stride) =>
            Smallest(objects, range, Math.Max(SmallestGrid, shortSide / stride)))];
    }

    // As for training, the side of a very long image that rounds to nothing is one pixel (E-109).
    private static int Padded(double side) => ImageBatching.Padded(Math.Max(1, (int)(side + 0.5)));

    private static IEnumerable<(int Low, int High)> Ranges(IReadOnlyList<GridObject> objects, int levels)
    {
        double[] sizes = [.. objects.Select(o => o.Size).Order()];
        double[] borders = new double[levels - 1];
        for (int i = 0; i < borders.Length; i++)
        {
            double quantile = sizes[Math.Min(sizes.Length - 1, sizes.Length * (i + 1) / levels)];
            borders[i] = Math.Max(quantile, i == 0 ? 1 : borders[i - 1] * Overlap);
        }

        int largest = Math.Max(LargestSize, (int)Math.Ceiling(Math.Max(sizes[^1], borders[^1] * Overlap)));
        for (int i = 0; i < levels; i++)
        {
            yield return (
                i == 0 ? 1 : Math.Max(1, (int)Math.Round(borders[i - 1] / Overlap)),
                i == levels - 1 ? largest : (int)Math.Round(borders[i] * Overlap));
        }
    }

    private static GridLevel Smallest(IReadOnlyList<GridObject> objects, (int Low, int High) range, int largest)
    {
        GridLevel level = GridLevel.Count(objects, range, SmallestGrid);
        while (level.ContestedShare > ContestedLimit && level.Grid + GridStep <= largest)
            level = GridLevel.Count(objects, range, level.Grid + GridStep);

        return level;
    }
}
