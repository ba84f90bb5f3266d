namespace Dense.Coco.Errors;

/// <summary>
/// How a detector went wrong, after TIDE: A General Toolbox for Identifying Object Detection Errors (Bolya, Foley, Hays
/// and Hoffman, ECCV 2020, section 2.2). "Overlaps" means an IoU of 0.5 or more, "touches" 0.1 or more.
/// </summary>
public enum ErrorKind
{
    /// <summary>The detection overlaps an object of another class: right place, wrong class.</summary>
    Classification,

    /// <summary>
    /// The detection touches an object of its class without overlapping it: right class, wrong place.
    /// </summary>
    Localisation,

    /// <summary>The detection touches an object of another class only.</summary>
    Both,

    /// <summary>The detection overlaps an object of its class that a better detection has found.</summary>
    Duplicate,

    /// <summary>The detection touches no object.</summary>
    Background,

    /// <summary>
    /// An object that no detection has found, not even with the wrong class or in slightly the wrong place.
    /// </summary>
    Missed,
}
