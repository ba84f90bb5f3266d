using Dense.Coco.Masks;
using Dense.Detection;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Makes what a detector is to find of the annotations of an image (E-113 to E-118).</summary>
internal sealed class GroundTruthBuilder(
    DetectionDataSettings settings, Func<RunLengthMask, MaskTarget>? maskTarget)
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
        Span<float> box = stackalloc float[4];
        foreach (ObjectRecord o in image.Objects)
        {
            if (o.IsCrowd)
                continue;

            transform.MapBox(o.Box, box);
            if (masks is not null && !TryAddMask(o, transform, height, width, box, masks))
                continue;
            if (IsThin(box))
                continue;

            boxes.AddRange(box);
            classes.Add(o.ClassId);
        }

        return new GroundTruth([.. boxes], [.. classes], masks);
    }

    private bool TryAddMask(
        in ObjectRecord o, in ImageTransform transform, int height, int width, Span<float> box, List<MaskTarget> masks)
    {
        // A crop moves the boxes of what it cuts to what is left (E-117). Where boxes stay, a thin one needs no mask.
        bool movesBoxes = settings.Crop.Enabled;
        if (!movesBoxes && IsThin(box))
            return false;

        if (ObjectShape.Of(o.Segmentation, transform, height, width, settings.MaskFormat) is not { } shape)
            return false;

        if (movesBoxes)
            (box[0], box[1], box[2], box[3]) = shape.Outline;
        if (IsThin(box))
            return false;

        masks.Add(maskTarget!(shape.Mask));
        return true;
    }

    private static bool IsThin(ReadOnlySpan<float> box) =>
        !(box[2] - box[0] > ThinnestBox && box[3] - box[1] > ThinnestBox);
}
