namespace Dense.Coco.Annotations;

/// <summary>The content of a COCO annotation file: images, classes and annotations, each in file order.</summary>
/// <remarks>
/// Reading checks the form of the file only. Whether ids are unique and point somewhere is for
/// the dataset check, since evaluation must accept what pycocotools accepts.
/// </remarks>
public sealed class CocoDataset
{
    /// <summary>The images.</summary>
    public List<CocoImage> Images { get; } = [];

    /// <summary>The classes.</summary>
    public List<CocoCategory> Categories { get; } = [];

    /// <summary>The annotations.</summary>
    public AnnotationList Annotations { get; internal set; } = new();

    /// <summary>Whether the file has annotations at all; those of the COCO test sets have none (E-124).</summary>
    public bool HasAnnotations { get; internal set; } = true;

    /// <summary>Ids of the annotations whose "ignore" field is not 0, which no evaluator asks for (E-95).</summary>
    public IReadOnlyList<long> IgnoredAnnotations => Ignored;

    /// <summary><see cref="IgnoredAnnotations"/> while the file is read.</summary>
    internal List<long> Ignored { get; } = [];

    /// <summary>How many annotations have no "iscrowd" field in the file.</summary>
    internal int MissingCrowdFlags { get; set; }

    /// <summary>Reads an annotation file, packed with gzip or not.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="CocoFormatException">The file is not a COCO annotation file; names the place in it.</exception>
    public static CocoDataset Load(string path) => CocoDatasetReader.Read(path);

    /// <summary>Reads an annotation file from a stream, packed with gzip or not.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <exception cref="CocoFormatException">The content is not a COCO annotation file; names the place in
    /// it.</exception>
    public static CocoDataset Load(Stream stream, string name) => CocoDatasetReader.Read(stream, name);

    /// <summary>Writes an annotation file; it appears under its name only when it is complete.</summary>
    /// <param name="path">Path of the file; packed with gzip when it ends in <c>.gz</c>.</param>
    public void Save(string path) => CocoDatasetWriter.Write(this, path);
}
