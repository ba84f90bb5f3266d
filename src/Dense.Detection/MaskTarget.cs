namespace Dense.Detection;

/// <summary>
/// What SOLOv2 needs of one object's mask; it depends on the image alone and not on the batch, so loader threads make
/// it (M-91, M-97, M-98).
/// </summary>
/// <param name="Area">Set pixels of the full-resolution mask.</param>
/// <param name="CentreX">Σx / area in pixels, float32 (M-91).</param>
/// <param name="CentreY">Σy / area in pixels.</param>
/// <param name="QuarterHeight">⌊H/4 + 0.5⌋.</param>
/// <param name="QuarterWidth">⌊W/4 + 0.5⌋.</param>
/// <param name="Quarter">QuarterHeight×QuarterWidth samples, 0 or 1: the mask at a quarter of the size (M-98).</param>
public sealed record MaskTarget(
    long Area, float CentreX, float CentreY, int QuarterHeight, int QuarterWidth, byte[] Quarter);
