using System.Text.Json;
using Dense.Imaging;
using Dense.Training.Detection.Data;

namespace Dense.Torch.Tests.Training.Detection.Data;

/// <summary>A data set made on the spot, in a folder of its own.</summary>
internal sealed class SmallSet : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<object> _images = [];
    private readonly List<object> _annotations = [];

    /// <summary>The classes of the file.</summary>
    public List<(int Id, string Name)> Categories { get; } = [(1, "cat"), (2, "dog")];

    /// <summary>Where everything lies.</summary>
    public string Folder => _folder.Path;

    /// <summary>The data set's name.</summary>
    public string Name { get; init; } = "small";

    /// <summary>Whether the name stands for COCO's classes.</summary>
    public bool HasCocoClasses { get; init; }

    /// <summary>Adds an image of random pixels.</summary>
    public SmallSet Image(int id, int width = 40, int height = 30, bool writeFile = true)
    {
        if (writeFile)
            Overwrite(id, Png(id, width, height));

        _images.Add(new { id, file_name = $"{id}.png", width, height });
        return this;
    }

    /// <summary>Adds an object.</summary>
    public SmallSet Object(
        int imageId, double[]? box = null, int category = 1, int crowd = 0, object? shape = null, int? id = null,
        int ignore = 0)
    {
        _annotations.Add(new
        {
            id = id ?? _annotations.Count + 1,
            image_id = imageId,
            category_id = category,
            iscrowd = crowd,
            bbox = box ?? [5, 6, 10, 12],
            segmentation = shape,
            ignore,
        });
        return this;
    }

    /// <summary>Replaces a file.</summary>
    public void Overwrite(int id, byte[] content) => _folder.Write($"{id}.png", content);

    /// <summary>Writes the annotation file and reads it.</summary>
    public CocoRecords Read()
    {
        object[] categories = [.. Categories.Select(c => (object)new { id = c.Id, name = c.Name })];
        string json = JsonSerializer.Serialize(new { images = _images, annotations = _annotations, categories });
        string file = _folder.Write("annotations.json", json);
        return CocoRecords.Load(new RegisteredDataset(Name, _folder.Path, file, HasCocoClasses));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A PNG file of random pixels.</summary>
    public static byte[] Png(int seed, int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return ImageEncoder.EncodePng(image);
    }

    /// <summary>A set of images with one object each, wide and high ones in turn.</summary>
    public static SmallSet WithImages(int count)
    {
        var set = new SmallSet();
        for (int i = 1; i <= count; i++)
        {
            set.Image(i, i % 3 == 0 ? 24 : 40, 30);
            set.Object(i, [i % 7, 3, 10 + (i % 5), 12], category: 1 + (i % 2), shape: new[] { Triangle(i % 7) });
        }

        return set;
    }

    private static double[] Triangle(int left) => [left, 3, left + 12, 4, left + 5, 20];
}
