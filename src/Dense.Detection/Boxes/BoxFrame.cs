namespace Dense.Detection.Boxes;

/// <summary>Brings boxes (x1, y1, x2, y2) into an image (M-13, M-117).</summary>
internal static class BoxFrame
{
    /// <summary>Scales boxes, then cuts them at the image's borders, in place.</summary>
    /// <param name="boxes">n×4.</param>
    /// <param name="scaleX">Multiplies x.</param>
    /// <param name="scaleY">Multiplies y.</param>
    /// <param name="width">Largest x.</param>
    /// <param name="height">Largest y.</param>
    public static void ScaleAndClip(Span<float> boxes, float scaleX, float scaleY, int width, int height)
    {
        for (int i = 0; i < boxes.Length; i += 2)
        {
            boxes[i] = Math.Clamp(boxes[i] * scaleX, 0, width);
            boxes[i + 1] = Math.Clamp(boxes[i + 1] * scaleY, 0, height);
        }
    }

    /// <summary>Numbers of the boxes with positive width and height.</summary>
    public static int[] NotEmpty(ReadOnlySpan<float> boxes)
    {
        var indices = new List<int>(boxes.Length / 4);
        for (int i = 0; i < boxes.Length; i += 4)
        {
            if (boxes[i + 2] - boxes[i] > 0 && boxes[i + 3] - boxes[i + 1] > 0)
                indices.Add(i / 4);
        }

        return [.. indices];
    }
}
