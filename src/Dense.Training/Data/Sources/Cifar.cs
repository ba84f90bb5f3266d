using System.Text;
using Dense.Checkpoints;

namespace Dense.Training.Data.Sources;

/// <summary>
/// Opens CIFAR-10 and CIFAR-100 in their published form, pickled Python dictionaries (P-73), with the reader that never
/// runs what a pickle asks for. All images, 150 MB, are kept in memory.
/// </summary>
public static class Cifar
{
    private const int Side = 32;
    private const int ImageBytes = 3 * Side * Side;

    private static readonly string[] Cifar10Training =
        ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"];

    /// <summary>Opens the training or test images of the data set that the folder holds; label = class index.</summary>
    /// <param name="folder">The unpacked archive: <c>cifar-10-batches-py</c> or <c>cifar-100-python</c>.</param>
    /// <param name="training">Training images, or test images.</param>
    /// <exception cref="DatasetException">The folder or a file is missing, or a file is damaged.</exception>
    public static IImageSource Open(string folder, bool training)
    {
        bool isCifar10 = File.Exists(Path.Combine(folder, "test_batch"));
        if (!isCifar10 && !File.Exists(Path.Combine(folder, "test")))
        {
            throw new DatasetException(
                $"{folder}: no CIFAR data set found. Expected the files data_batch_1 to data_batch_5 and test_batch " +
                "(CIFAR-10), or train and test (CIFAR-100): name the unpacked folder of the Python version.");
        }

        string[] files = (isCifar10, training) switch
        {
            (true, true) => Cifar10Training,
            (true, false) => ["test_batch"],
            (false, true) => ["train"],
            _ => ["test"],
        };

        var parts = new List<Part>();
        foreach (string file in files)
            parts.Add(ReadPart(Path.Combine(folder, file), isCifar10 ? "labels" : "fine_labels"));

        return new Source(folder, parts);
    }

    private static Part ReadPart(string path, string labelKey)
    {
        try
        {
            CheckpointMap map = CheckpointFile.Read(path).Map;
            TensorRecord pixels = Find(map, "data", path) as TensorRecord
                ?? throw Unexpected(path, "'data' is no array");
            if (pixels.ElementType != ElementType.UInt8 || pixels.Count % ImageBytes != 0 || pixels.Count == 0)
                throw Unexpected(path, $"'data' has {pixels.Count} values of type {pixels.ElementType}");

            int count = (int)(pixels.Count / ImageBytes);
            var labels = Find(map, labelKey, path) as IReadOnlyList<object?>;
            if (labels?.Count != count)
                throw Unexpected(path, $"'{labelKey}' has {labels?.Count ?? 0} entries for {count} images");

            int[] classes = [.. labels.Select(l => l is long and >= 0 and < 1000 ? (int)(long)l
                : throw Unexpected(path, $"a label is {CheckpointValue.Describe(l)}"))];
            return new Part(Path.GetFileName(path), pixels.Bytes, classes);
        }
        catch (CheckpointFormatException e)
        {
            throw new DatasetException($"{e.Message} Unpack the CIFAR archive again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                $"{path}: this part of CIFAR cannot be read: {e.Message} Unpack the archive again.", e);
        }
    }

    // Pickles of Python 2 name their entries in bytes, those of Python 3 in text.
    private static object? Find(CheckpointMap map, string key, string path)
    {
        foreach (var (name, value) in map)
        {
            if (name is string text ? text == key : name is byte[] bytes && Encoding.ASCII.GetString(bytes) == key)
                return value;
        }

        throw Unexpected(path, $"there is no '{key}'");
    }

    private static DatasetException Unexpected(string path, string found) => new(
        $"{path}: not a part of CIFAR: {found}; expected 'data' with 3072 bytes per image and one class for " +
        "each. Unpack the archive of the Python version again.");

    private sealed record Part(string Name, ReadOnlyMemory<byte> Pixels, int[] Labels);

    private sealed class Source : IImageSource
    {
        private readonly List<Part> _parts;
        private readonly int _partLength;

        public Source(string location, List<Part> parts)
        {
            Location = location;
            _parts = parts;
            _partLength = parts[0].Labels.Length;
            Count = parts.Sum(p => p.Labels.Length);
            ClassCount = parts.Max(p => p.Labels.Max()) + 1;
            if (parts.Any(p => p.Labels.Length != _partLength))
                throw Unexpected(location, "its parts have different lengths");
        }

        public string Location { get; }

        public int Count { get; }

        public int ClassCount { get; }

        public string NameOf(int index) => $"{PartOf(index).Name}/{index % _partLength}.png";

        public int LabelOf(int index) => PartOf(index).Labels[index % _partLength];

        public void Read(int index, EncodedImage into) => StoredPng.Write(
            PartOf(index).Pixels.Span.Slice(index % _partLength * ImageBytes, ImageBytes), Side, Side, into);

        public void Dispose()
        {
        }

        private Part PartOf(int index) => _parts[index / _partLength];
    }
}
