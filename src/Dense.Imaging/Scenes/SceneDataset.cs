using System.Text;
using SkiaSharp;

namespace Dense.Imaging.Scenes;

/// <summary>
/// Writes synthetic scenes as a data set: <c>images/</c> (or <c>train/</c> and <c>val/</c>) with
/// <c>annotations/instances*.json</c>, <c>unlabelled/</c> with <c>unlabelled.txt</c>, and <c>probe/</c> with
/// <c>probe_train.txt</c> and <c>probe_val.txt</c>, whose lines are a path and a class number from 0.
/// </summary>
/// <remarks>Annotations and lists are written last: a folder that has them is complete.</remarks>
public sealed class SceneDataset
{
    // Far from any visible loss, and the quality at which the decoders of this project were compared.
    private const int JpegQuality = 92;

    private readonly string _folder;
    private readonly SceneOptions _options;
    private readonly Action<int>? _written;
    private int _count;

    private SceneDataset(string folder, SceneOptions options, Action<int>? written)
    {
        _folder = folder;
        _options = options;
        _written = written;
    }

    /// <summary>Writes the data set.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="options">How many pictures of what.</param>
    /// <param name="written">Told how many pictures are written so far, from any thread; may be null.</param>
    /// <exception cref="IOException">The folder holds something already, or a file could not be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static void Write(string folder, SceneOptions options, Action<int>? written = null)
    {
        options.Validate();
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"{folder}: the folder is not empty, and scenes are never mixed with other files. " +
                "Name a new folder, or remove this one first.");
        }

        new SceneDataset(folder, options, written).Write();
    }

    private void Write()
    {
        if (_options.Split)
        {
            WriteLabelled("train", "instances_train.json", [.. Numbers(_options.Images).Where(i => i % 5 != 4)]);
            WriteLabelled("val", "instances_val.json", [.. Numbers(_options.Images).Where(i => i % 5 == 4)]);
        }
        else
        {
            WriteLabelled("images", "instances.json", [.. Numbers(_options.Images)]);
        }

        if (_options.Unlabelled > 0)
            WriteList("unlabelled", "unlabelled.txt", ScenePart.Unlabelled, _options.Unlabelled);

        if (_options.Probe > 0)
        {
            WriteList("probe/train", "probe_train.txt", ScenePart.ProbeTrain, _options.Probe);
            WriteList("probe/val", "probe_val.txt", ScenePart.ProbeVal, (_options.Probe + 1) / 2);
        }
    }

    private void WriteLabelled(string subfolder, string annotations, int[] numbers)
    {
        var scenes = new AnnotatedImage[numbers.Length];
        Draw(subfolder, ScenePart.Labelled, numbers, (i, name, scene) =>
            scenes[i] = AnnotatedImage.Of(numbers[i] + 1, name, scene));

        using var json = new MemoryStream();
        CocoAnnotations.Write(json, scenes, _options.Look,
            $"Synthetic scenes, size {_options.Size}, seed {_options.Seed}");
        WriteWhole(Path.Combine(_folder, "annotations", annotations), json.GetBuffer().AsSpan(0, (int)json.Length));
    }

    private void WriteList(string subfolder, string list, ScenePart part, int count)
    {
        var lines = new string[count];
        Draw(subfolder, part, [.. Numbers(count)], (i, name, scene) => lines[i] = part == ScenePart.Unlabelled
            ? $"{subfolder}/{name}\n"
            : $"{subfolder}/{name} {(int)scene.Objects[0].Shape}\n");
        WriteWhole(Path.Combine(_folder, list), Encoding.UTF8.GetBytes(string.Concat(lines)));
    }

    private void Draw(string subfolder, ScenePart part, int[] numbers, Action<int, string, Scene> keep)
    {
        string folder = Path.Combine(_folder, subfolder);
        Directory.CreateDirectory(folder);
        var threads = new ParallelOptions { MaxDegreeOfParallelism = _options.Workers };
        try
        {
            Parallel.For(0, numbers.Length, threads, i =>
            {
                Scene scene = Scene.Create(_options.Size, _options.Seed, part, numbers[i], _options.Look);
                string name = $"{numbers[i] + 1:D6}.{(_options.Png ? "png" : "jpg")}";
                using SKData encoded = Encode(scene);
                using (FileStream file = File.Create(Path.Combine(folder, name)))
                    encoded.SaveTo(file);

                keep(i, name, scene);
                _written?.Invoke(Interlocked.Increment(ref _count));
            });
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is IOException or UnauthorizedAccessException)
        {
            throw e.InnerExceptions[0];
        }
    }

    private SKData Encode(Scene scene)
    {
        var info = new SKImageInfo(scene.Size, scene.Size, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(info);
        Span<byte> target = bitmap.GetPixelSpan();
        for (int i = 0; i < scene.Size * scene.Size; i++)
        {
            scene.Pixels.AsSpan(3 * i, 3).CopyTo(target[(4 * i)..]);
            target[4 * i + 3] = byte.MaxValue;
        }

        return _options.Png
            ? bitmap.Encode(SKEncodedImageFormat.Png, quality: 100)
            : bitmap.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
    }

    private static void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + ".tmp";
        using (FileStream file = File.Create(temporary))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static IEnumerable<int> Numbers(int count) => Enumerable.Range(0, count);
}
