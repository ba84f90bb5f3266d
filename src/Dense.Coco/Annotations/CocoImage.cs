namespace Dense.Coco.Annotations;

/// <summary>An image of a data set.</summary>
/// <param name="Id">Unique number.</param>
/// <param name="FileName">Path relative to the image folder; empty when the file gives none.</param>
/// <param name="Width">Width in pixels; 0 when the file gives none.</param>
/// <param name="Height">Height in pixels; 0 when the file gives none.</param>
public sealed record CocoImage(long Id, string FileName, int Width, int Height);
