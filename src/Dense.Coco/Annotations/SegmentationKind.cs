namespace Dense.Coco.Annotations;

/// <summary>How a COCO file gives the shape of an object.</summary>
public enum SegmentationKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As a run-length encoded mask.</summary>
    RunLength,

    /// <summary>As one or more polygons.</summary>
    Polygons,
}
