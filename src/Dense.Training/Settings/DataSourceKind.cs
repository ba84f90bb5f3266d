namespace Dense.Training.Settings;

/// <summary>Where images come from (P-70 to P-73).</summary>
public enum DataSourceKind
{
    /// <summary>A text file with one image path per line, and a label behind it when there are labels (P-70).</summary>
    List,

    /// <summary>Every image below a folder; with labels, the classes are its sub-folders.</summary>
    Folder,

    /// <summary>The images of COCO: one flat folder, never labelled (P-71).</summary>
    Coco,

    /// <summary>CIFAR-10 as its Python pickles (P-73).</summary>
    Cifar10,

    /// <summary>CIFAR-100 as its Python pickles (P-73).</summary>
    Cifar100,

    /// <summary>Images inside an uncompressed tar or zip file; it takes the place of LMDB (P-72).</summary>
    Archive,
}
