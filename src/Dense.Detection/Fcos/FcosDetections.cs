using Dense.Detection.Boxes;

namespace Dense.Detection.Fcos;

/// <summary>
/// The boxes found in one image, best first (M-75): in pixels of the network's input and not clipped, until they are
/// brought into the original image.
/// </summary>
/// <param name="Boxes">n×4: x1, y1, x2, y2.</param>
/// <param name="Scores">n, descending.</param>
/// <param name="Classes">n class numbers.</param>
/// <param name="Locations">n×2: x, y of the location that predicted the box.</param>
/// <param name="Levels">n numbers of the level that it is on, 0 for the finest.</param>
public sealed record FcosDetections(float[] Boxes, float[] Scores, int[] Classes, float[] Locations, int[] Levels)
{
    /// <summary>n.</summary>
    public int Count => Scores.Length;

    /// <summary>The detections with these numbers, in this order.</summary>
    public FcosDetections Select(IReadOnlyCollection<int> indices) => new(
        [.. indices.SelectMany(i => Boxes[(4 * i)..(4 * i + 4)])],
        [.. indices.Select(i => Scores[i])],
        [.. indices.Select(i => Classes[i])],
        [.. indices.SelectMany(i => Locations[(2 * i)..(2 * i + 2)])],
        [.. indices.Select(i => Levels[i])]);

    /// <summary>
    /// In pixels of the original file: scaled, clipped to it, boxes without area dropped, in the same order (M-117).
    /// The locations stay those of the network's input.
    /// </summary>
    /// <param name="size">Height and width of the network's input before padding.</param>
    /// <param name="original">Height and width of the original file.</param>
    public FcosDetections InOriginal((int Height, int Width) size, (int Height, int Width) original)
    {
        float[] boxes = [.. Boxes];
        float scaleX = (float)((double)original.Width / size.Width);
        float scaleY = (float)((double)original.Height / size.Height);
        BoxFrame.ScaleAndClip(boxes, scaleX, scaleY, original.Width, original.Height);
        return (this with { Boxes = boxes }).Select(BoxFrame.NotEmpty(boxes));
    }
}
