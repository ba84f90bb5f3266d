namespace Dense.Detection;

/// <summary>The n objects of an image, in annotation order. n may be 0.</summary>
/// <param name="Boxes">n×4: x1, y1, x2, y2 in pixels of the network's input.</param>
/// <param name="Classes">n contiguous class numbers, 0 … K − 1.</param>
/// <param name="Masks">n masks, or null when masks are not trained.</param>
public sealed record GroundTruth(float[] Boxes, int[] Classes, IReadOnlyList<MaskTarget>? Masks)
{
    /// <summary>No object.</summary>
    public static GroundTruth Empty { get; } = new([], [], []);

    /// <summary>n.</summary>
    public int Count => Classes.Length;
}
