using Dense.Coco.Masks;

namespace Dense.Detection;

/// <summary>
/// What a detector found in one image, best first, in the pixels of the original file. Lives on the host.
/// </summary>
public sealed record ImageDetections
{
    /// <summary>The image's id in its data set.</summary>
    public long ImageId { get; init; }

    /// <summary>Height of the original file.</summary>
    public required int Height { get; init; }

    /// <summary>Width of the original file.</summary>
    public required int Width { get; init; }

    /// <summary>n×4: x1, y1, x2, y2.</summary>
    public required float[] Boxes { get; init; }

    /// <summary>n scores, descending.</summary>
    public required float[] Scores { get; init; }

    /// <summary>n contiguous class numbers.</summary>
    public required int[] Classes { get; init; }

    /// <summary>n masks of the original size; null for a box detector.</summary>
    public IReadOnlyList<RunLengthMask>? Masks { get; init; }

    /// <summary>n.</summary>
    public int Count => Scores.Length;
}
