namespace Dense.Training.Detection.Data;

/// <summary>A data set that configurations name (E-88, E-91).</summary>
/// <param name="Name">Its name in DATASETS.TRAIN and DATASETS.TEST.</param>
/// <param name="ImageFolder">The folder that the file names of the annotation file are relative to.</param>
/// <param name="AnnotationFile">A COCO annotation file.</param>
/// <param name="HasCocoClasses">
/// Whether its classes are COCO's 80 (E-90); otherwise the annotation file names them.
/// </param>
public sealed record RegisteredDataset(string Name, string ImageFolder, string AnnotationFile, bool HasCocoClasses);
