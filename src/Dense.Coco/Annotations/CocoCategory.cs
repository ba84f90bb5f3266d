namespace Dense.Coco.Annotations;

/// <summary>A class of objects.</summary>
/// <param name="Id">Unique number; COCO's own have gaps.</param>
/// <param name="Name">What people call it; empty when the file gives none.</param>
/// <param name="Supercategory">The group it belongs to; empty when the file gives none.</param>
public sealed record CocoCategory(long Id, string Name, string Supercategory = "");
