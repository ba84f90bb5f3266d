using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>Turns an annotation file into records (E-92 to E-96).</summary>
internal sealed class CocoRecordsReader
{
    private readonly RegisteredDataset _dataset;
    private readonly CocoDataset _file;
    private readonly CategoryMap _categories;
    private readonly List<string> _warnings = [];

    private CocoRecordsReader(RegisteredDataset dataset)
    {
        _dataset = dataset;
        _file = Open(dataset);
        _categories = new CategoryMap(_file.Categories);
    }

    public static CocoRecords Read(RegisteredDataset dataset) => new CocoRecordsReader(dataset).Build();

    private CocoRecords Build()
    {
        CheckCategories();
        CheckAnnotations();
        CocoImage[] images = [.. _file.Images.GroupBy(i => i.Id).Select(g => g.Last()).OrderBy(i => i.Id)];
        IReadOnlyList<ImageRecord> records = Link(images);
        return new CocoRecords(_dataset, _file, _categories, records, _warnings);
    }

    private static CocoDataset Open(RegisteredDataset dataset)
    {
        if (!File.Exists(dataset.AnnotationFile))
        {
            throw new DatasetException(
                $"{dataset.AnnotationFile}: the annotation file of the data set '{dataset.Name}' does not exist. " +
                $"Set {DatasetCatalog.RootVariable} to the folder that holds the data sets, or register the data set " +
                "with its paths.");
        }

        try
        {
            return CocoDataset.Load(dataset.AnnotationFile);
        }
        catch (CocoFormatException e)
        {
            throw new DatasetException(e.Message, e);
        }
    }

    private void CheckCategories()
    {
        if (_dataset.HasCocoClasses)
        {
            RequireCocoClasses();
        }
        else if (!_categories.IsOneToCount && !_dataset.Name.Contains("coco", StringComparison.Ordinal))
        {
            _warnings.Add(
                $"{_dataset.AnnotationFile}: the category ids are not 1 to {_categories.Categories.Count}; " +
                "they are numbered anew in ascending order for training, and back in results.");
        }
    }

    private void RequireCocoClasses()
    {
        IReadOnlyList<CocoCategory> found = _categories.Categories;
        if (found.Select(c => (c.Id, c.Name)).SequenceEqual(CocoClasses.All.Select(c => ((long)c.Id, c.Name))))
            return;

        string difference = ClassList.Difference(
            [.. found.Select(c => $"{c.Name} (id {c.Id})")], [.. CocoClasses.All.Select(c => $"{c.Name} (id {c.Id})")]);

        throw new DatasetException(
            $"{_dataset.AnnotationFile}: the name '{_dataset.Name}' stands for COCO's 80 classes " +
            $"({ClassList.Shorten([.. CocoClasses.All.Select(c => c.Name)])}), but the file has {found.Count} " +
            $"({ClassList.Shorten([.. found.Select(c => c.Name)])}): {difference}. Register the file under a name of " +
            $"its own: write 'my_train: {{json_file: {_dataset.AnnotationFile}, " +
            $"image_root: {_dataset.ImageFolder}}}' into a YAML file, pass it with --register-datasets, and use " +
            "my_train in DATASETS.");
    }

    private void CheckAnnotations()
    {
        if (_file.IgnoredAnnotations is [long ignored, ..])
        {
            throw Refuse(
                ignored, "has an 'ignore' field that is not 0. Remove the annotation, or set 'iscrowd' instead");
        }

        bool mayRepeat = _dataset.AnnotationFile.Contains("minival", StringComparison.Ordinal);
        HashSet<long> images = [.. _file.Images.Select(i => i.Id)];
        HashSet<long> ids = [];
        int homeless = 0;
        foreach (CocoAnnotation annotation in _file.Annotations)
        {
            if (!ids.Add(annotation.Id) && !mayRepeat)
                throw Refuse(annotation.Id, "occurs twice. Number the annotations anew");
            if (annotation.Box is null)
                throw Refuse(annotation.Id, "has no box. Add a 'bbox' [x, y, width, height] or remove it");
            if (!_categories.TryToContiguous(annotation.CategoryId, out _))
            {
                throw Refuse(
                    annotation.Id,
                    $"has category id {annotation.CategoryId}, which is not among the file's " +
                    $"{_categories.Categories.Count} categories. Add it to 'categories' or correct the annotation");
            }

            homeless += images.Contains(annotation.ImageId) ? 0 : 1;
        }

        if (homeless > 0)
        {
            _warnings.Add(
                $"{_dataset.AnnotationFile}: {homeless} of {_file.Annotations.Count} annotations belong to images " +
                "that the file does not have; they are not used.");
        }
    }

    // Counting sort by image keeps the order of the file within each image.
    private ImageRecord[] Link(CocoImage[] images)
    {
        var positionOf = new Dictionary<long, int>(images.Length);
        for (int i = 0; i < images.Length; i++)
            positionOf[images[i].Id] = i;

        int[] first = new int[images.Length + 1];
        int[] imageOf = new int[_file.Annotations.Count];
        int dropped = 0;
        for (int a = 0; a < imageOf.Length; a++)
        {
            CocoAnnotation annotation = _file.Annotations[a];
            imageOf[a] = -1;
            if (!positionOf.TryGetValue(annotation.ImageId, out int position))
                continue;

            if (HasOnlyBrokenPolygons(annotation.Segmentation))
                dropped++;
            else
                first[(imageOf[a] = position) + 1]++;
        }

        for (int i = 0; i < images.Length; i++)
            first[i + 1] += first[i];

        int[] order = new int[first[^1]];
        int[] next = first[..^1];
        for (int a = 0; a < imageOf.Length; a++)
        {
            if (imageOf[a] >= 0)
                order[next[imageOf[a]]++] = a;
        }

        if (dropped > 0)
        {
            _warnings.Add(
                $"{_dataset.AnnotationFile}: {dropped} annotations were dropped, because none of their polygons has " +
                "three points or more.");
        }

        var table = new AnnotationTable(_dataset.ImageFolder, _file.Annotations, _categories, order);
        return [.. images.Select((image, i) => new ImageRecord(table, image, first[i], first[i + 1] - first[i]))];
    }

    private static bool HasOnlyBrokenPolygons(Segmentation segmentation) =>
        segmentation.Kind == SegmentationKind.Polygons && !segmentation.ToPolygons().Any(Polygons.IsUsable);

    private DatasetException Refuse(long annotationId, string what) =>
        new($"{_dataset.AnnotationFile}: annotation {annotationId} {what}.");
}
