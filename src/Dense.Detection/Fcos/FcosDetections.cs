namespace Dense.Detection.Fcos;

/// <summary>The boxes found in one image, best first, in pixels of the network's input, not clipped (M-75).</summary>
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
}
