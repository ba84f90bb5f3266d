using Dense.Coco.Annotations;
using Dense.Coco.Masks;
using Dense.Detection;

namespace Dense.Bench;

/// <summary>One image full of objects: boxes and classes, and their masks as the mapper hands them on.</summary>
/// <param name="Masks">One per object, all of one size.</param>
/// <param name="Boxes">x1, y1, x2, y2 of each.</param>
internal sealed record SampleMasks(IReadOnlyList<RunLengthMask> Masks, float[] Boxes)
{
    /// <summary>Classes, all 0.</summary>
    public int[] Classes { get; } = new int[Masks.Count];

    /// <summary>The objects of several COCO photographs, enlarged and laid over each other.</summary>
    public static IEnumerable<SampleMasks> Polygons(string annotations, int height, int width, int objects)
    {
        CocoDataset data = CocoDataset.Load(annotations);
        var images = data.Images.ToDictionary(i => i.Id);
        IEnumerable<RunLengthMask> masks = data.Annotations
            .Where(a => a.Segmentation.Kind == SegmentationKind.Polygons)
            .Select(a => RunLengthMask.FromPolygons(height, width,
            [
                .. a.Segmentation.ToPolygons().Select(p => Enlarged(
                    p, width / (double)images[a.ImageId].Width, height / (double)images[a.ImageId].Height)),
            ]));
        return Full(masks, objects);
    }

    /// <summary>The nuclei of several microscope fields, enlarged and laid over each other.</summary>
    public static IEnumerable<SampleMasks> Pixels(string annotations, int height, int width, int objects)
    {
        CocoDataset data = CocoDataset.Load(annotations);
        var images = data.Images.ToDictionary(i => i.Id);
        IEnumerable<RunLengthMask> masks = data.Annotations
            .Take(2 * objects)
            .Select(a => (a.Segmentation, Image: images[a.ImageId]))
            .Select(a => Enlarged(a.Segmentation.ToMask(a.Image.Height, a.Image.Width), height, width));
        return Full(masks, objects);
    }

    /// <summary>What the loader makes of the masks.</summary>
    /// <param name="targets">From <see cref="Detection.Masks.MaskTargetBuilder"/>.</param>
    public GroundTruth Truth(IReadOnlyList<MaskTarget> targets) => new(Boxes, Classes, targets);

    private static IEnumerable<SampleMasks> Full(IEnumerable<RunLengthMask> masks, int objects) =>
        masks.Where(m => m.Area > 0).Chunk(objects).Where(c => c.Length == objects)
            .Select(c => new SampleMasks(c, [.. c.Select(m => m.TightBox).SelectMany(b =>
                new[] { (float)b.X, (float)b.Y, (float)(b.X + b.Width), (float)(b.Y + b.Height) })]));

    private static double[] Enlarged(double[] polygon, double x, double y) =>
        [.. polygon.Select((value, i) => value * (i % 2 == 0 ? x : y))];

    private static RunLengthMask Enlarged(RunLengthMask mask, int height, int width)
    {
        byte[] source = mask.ToRowMajor(), result = new byte[height * width];
        for (int i = 0; i < result.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, width);
            result[i] = source[y * mask.Height / height * mask.Width + x * mask.Width / width];
        }

        return RunLengthMask.FromRowMajor(height, width, result);
    }
}
