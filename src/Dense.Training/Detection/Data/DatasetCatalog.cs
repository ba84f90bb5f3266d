using System.Diagnostics;
using Dense.Configuration.Reading;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>
/// The data sets that configurations may name: COCO's (E-88) and registered ones (E-91). Each is read at most once
/// (E-194). For one thread.
/// </summary>
public sealed class DatasetCatalog
{
    /// <summary>The environment variable with the folder that holds the data sets (E-89).</summary>
    public const string RootVariable = "DETECTRON2_DATASETS";

    private readonly Dictionary<string, RegisteredDataset> _registered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CocoRecords> _read = new(StringComparer.Ordinal);

    private DatasetCatalog(string root)
    {
        Root = root;
        foreach (var (name, images, annotations) in CocoLayout)
        {
            Add(new RegisteredDataset(
                name,
                Path.Combine(root, "coco", images),
                Path.Combine(root, "coco", "annotations", annotations),
                HasCocoClasses: true));
        }
    }

    /// <summary>The folder that holds the data sets.</summary>
    public string Root { get; }

    /// <summary>Told every data set that was read, and how long it took (E-92); null for nobody.</summary>
    public Action<RegisteredDataset, TimeSpan>? OnRead { get; set; }

    /// <summary>All names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _registered.Keys.Order(StringComparer.Ordinal)];

    private static IReadOnlyList<(string Name, string Images, string Annotations)> CocoLayout { get; } =
    [
        ("coco_2017_train", "train2017", "instances_train2017.json"),
        ("coco_2017_val", "val2017", "instances_val2017.json"),
        ("coco_2017_test", "test2017", "image_info_test2017.json"),
        ("coco_2017_test-dev", "test2017", "image_info_test-dev2017.json"),
        ("coco_2017_val_100", "val2017", "instances_val2017_100.json"),
        ("coco_2014_train", "train2014", "instances_train2014.json"),
        ("coco_2014_val", "val2014", "instances_val2014.json"),
        ("coco_2014_minival", "val2014", "instances_minival2014.json"),
        ("coco_2014_valminusminival", "val2014", "instances_valminusminival2014.json"),
    ];

    /// <summary>Knows COCO's names and the registered ones.</summary>
    /// <param name="root">
    /// The folder that holds the data sets; null for <c>$DETECTRON2_DATASETS</c>, else <c>datasets</c> (E-89).
    /// </param>
    /// <param name="registrations">
    /// A file of more data sets; null for none but <c>datasets.yaml</c> in the root.
    /// </param>
    /// <exception cref="DatasetException">A registration file is damaged, or a name occurs twice.</exception>
    public static DatasetCatalog Open(string? root = null, string? registrations = null)
    {
        var catalog = new DatasetCatalog(Expand(root ?? Environment.GetEnvironmentVariable(RootVariable)));
        string standard = Path.Combine(catalog.Root, "datasets.yaml");
        if (File.Exists(standard))
            catalog.AddFile(standard);
        if (registrations is not null && Path.GetFullPath(registrations) != Path.GetFullPath(standard))
            catalog.AddFile(registrations);

        return catalog;
    }

    /// <summary>Finds a data set by name.</summary>
    /// <exception cref="DatasetException">There is none; the message lists the known names.</exception>
    public RegisteredDataset Find(string name)
    {
        if (_registered.TryGetValue(name, out RegisteredDataset? dataset))
            return dataset;

        string guess = NearestKey.Find(name, Names) is { } nearest ? $" Is '{nearest}' meant?" : "";
        throw new DatasetException(
            $"There is no data set '{name}'.{guess} Known are: {string.Join(", ", Names)}. Register others in a YAML " +
            "file with lines like 'my_train: {json_file: train.json, image_root: images}' and pass it with " +
            "--register-datasets.");
    }

    /// <summary>The content of a data set, which is read when it is asked for first.</summary>
    /// <exception cref="DatasetException">There is none of this name, or it cannot be read.</exception>
    public CocoRecords Read(string name)
    {
        if (_read.TryGetValue(name, out CocoRecords? records))
            return records;

        RegisteredDataset dataset = Find(name);
        var watch = Stopwatch.StartNew();
        _read[name] = records = CocoRecords.Load(dataset);
        OnRead?.Invoke(dataset, watch.Elapsed);
        return records;
    }

    private static string Expand(string? root)
    {
        if (string.IsNullOrEmpty(root))
            return "datasets";

        bool isHome = root == "~" || root.StartsWith("~/", StringComparison.Ordinal);
        return isHome ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + root[1..] : root;
    }

    private void AddFile(string path)
    {
        foreach (RegisteredDataset dataset in DatasetRegistrations.Read(path))
        {
            if (_registered.TryGetValue(dataset.Name, out RegisteredDataset? other))
            {
                throw new DatasetException(
                    $"{path}: the name '{dataset.Name}' is taken by {other.AnnotationFile}. Choose another name.");
            }

            Add(dataset);
        }
    }

    private void Add(RegisteredDataset dataset) => _registered.Add(dataset.Name, dataset);
}
