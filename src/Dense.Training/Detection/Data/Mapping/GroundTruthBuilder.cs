using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Detection.Masks;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Makes what a detector is to find of the annotations of an image (E-113 to E-118).</summary>
/// <remarks>Of masks only the small targets are kept (M-98).</remarks>
internal sealed class GroundTruthBuilder(DetectionDataSettings settings)
{
    // A box this thin is no object (E-118).
    private const float ThinnestBox = 1e-5f;

    /// <summary>The objects on the transformed image, without crowds and without those that are not visible.</summary>
    /// <param name="image">The annotations.</param>
    /// <param name="transform">What happens to the image.</param>
    /// <param name="height">Rows of the image before.</param>
    /// <param name="width">Columns of the image before.</param>
    public GroundTruth Build(ImageRecord image, in ImageTransform transform, int height, int width)
    {
        List<float> boxes = [];
        List<int> classes = [];
        List<MaskTarget>? masks = settings.MaskOn ? [] : null;
        var targets = settings.MaskOn ? new MaskTargetBuilder(transform.Height, transform.Width) : null;
        Span<float> box = stackalloc float[4];
        foreach (ObjectRecord o in image.Objects)
        {
            if (o.IsCrowd)
                continue;

            transform.MapBox(o.Box, box);
            RunLengthMask? mask = settings.MaskOn ? MaskOf(o, transform, height, width, box) : null;
            if (IsThin(box) || (settings.MaskOn && mask is null))
                continue;

            if (mask is not null)
                masks!.Add(targets!.Build(mask));

            boxes.AddRange(box);
            classes.Add(o.ClassId);
        }

        return new GroundTruth([.. boxes], [.. classes], masks);
    }

    // A crop moves the boxes of what it cuts to what is left (E-117). Where boxes stay, a thin one needs no mask.
    private RunLengthMask? MaskOf(
        in ObjectRecord o, in ImageTransform transform, int height, int width, Span<float> box)
    {
        bool movesBoxes = settings.Crop.Enabled;
        if (!movesBoxes && IsThin(box))
            return null;

        if (ObjectShape.Of(o.Segmentation, transform, height, width, settings.MaskFormat) is not { } shape)
            return null;

        if (movesBoxes)
            (box[0], box[1], box[2], box[3]) = shape.Outline;
        return shape.Mask;
    }

    private static bool IsThin(ReadOnlySpan<float> box) =>
        !(box[2] - box[0] > ThinnestBox && box[3] - box[1] > ThinnestBox);
}
