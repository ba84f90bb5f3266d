namespace Dense.Detection.Settings;

/// <summary>FCOS.BOX_QUALITY (M-64, M-65).</summary>
public enum BoxQuality
{
    /// <summary><c>ctrness</c>: how central a location is in its box.</summary>
    Centerness,

    /// <summary><c>iou</c>: how well the predicted box overlaps.</summary>
    Iou,
}
