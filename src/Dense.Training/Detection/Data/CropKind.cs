namespace Dense.Training.Detection.Data;

/// <summary>How the size of a crop is meant (INPUT.CROP.TYPE, E-116).</summary>
public enum CropKind
{
    /// <summary><c>relative</c>: fixed shares of height and width.</summary>
    Relative,

    /// <summary><c>relative_range</c>: shares drawn between the given ones and 1.</summary>
    RelativeRange,

    /// <summary><c>absolute</c>: pixels.</summary>
    Absolute,

    /// <summary><c>absolute_range</c>: pixels drawn between two numbers, for height and width apart.</summary>
    AbsoluteRange,
}
