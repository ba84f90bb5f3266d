namespace Dense.Detection.Settings;

/// <summary>The detectors (MODEL.META_ARCHITECTURE).</summary>
public enum DetectorKind
{
    /// <summary>Boxes: <c>OneStageDetector</c> with the proposal generator <c>FCOS</c>.</summary>
    Fcos,

    /// <summary>Masks: <c>SOLOv2</c>.</summary>
    SoloV2,
}
