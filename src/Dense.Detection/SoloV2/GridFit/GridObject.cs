namespace Dense.Detection.SoloV2.GridFit;

/// <summary>An object as the grids of SOLOv2 see it.</summary>
/// <param name="ImageId">The image that shows it.</param>
/// <param name="Size">√(width·height) of its box in pixels of the enlarged image (M-89).</param>
/// <param name="X">Its box's centre, as a part of the padded image's width.</param>
/// <param name="Y">The same of the height.</param>
public readonly record struct GridObject(long ImageId, double Size, double X, double Y);
