namespace Dense.Training.Detection.Data;

/// <summary>How the masks of a training image are held while it is transformed (INPUT.MASK_FORMAT, E-115).</summary>
public enum MaskFormat
{
    /// <summary><c>polygon</c>: as polygons; run-length masks are refused.</summary>
    Polygon,

    /// <summary><c>bitmask</c>: as pixels; polygons and run-length masks.</summary>
    Bitmask,
}
