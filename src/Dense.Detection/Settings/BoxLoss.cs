namespace Dense.Detection.Settings;

/// <summary>FCOS.LOC_LOSS_TYPE (M-62).</summary>
public enum BoxLoss
{
    /// <summary><c>iou</c>: −ln IoU.</summary>
    Iou,

    /// <summary><c>linear_iou</c>: 1 − IoU.</summary>
    LinearIou,

    /// <summary><c>giou</c>: 1 − GIoU.</summary>
    Giou,
}
