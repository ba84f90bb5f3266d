namespace Dense.Coco;

/// <summary>
/// A box as COCO files hold it, in pixels: left edge, top edge, width, height. Edges are continuous coordinates.
/// </summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Distance from the left to the right edge.</param>
/// <param name="Height">Distance from the top to the bottom edge.</param>
public readonly record struct BoxXywh(double X, double Y, double Width, double Height)
{
    /// <summary>Width times height.</summary>
    public double Area => Width * Height;

    /// <summary>
    /// Intersection over union of a detection and a ground truth (E-140). For a crowd region the union is the
    /// detection's own area. Boxes that do not overlap give 0.
    /// </summary>
    /// <param name="detection">The detected box.</param>
    /// <param name="groundTruth">The annotated box.</param>
    /// <param name="isCrowd">Whether the annotation is a crowd region.</param>
    public static double Iou(in BoxXywh detection, in BoxXywh groundTruth, bool isCrowd)
    {
        double width = Math.Min(detection.X + detection.Width, groundTruth.X + groundTruth.Width)
            - Math.Max(detection.X, groundTruth.X);
        if (width <= 0)
            return 0;

        double height = Math.Min(detection.Y + detection.Height, groundTruth.Y + groundTruth.Height)
            - Math.Max(detection.Y, groundTruth.Y);
        if (height <= 0)
            return 0;

        double intersection = width * height;
        double union = isCrowd ? detection.Area : detection.Area + groundTruth.Area - intersection;
        return intersection / union;
    }
}
