using System.Text.Json;
using Dense.Detection.Settings;
using Dense.Imaging;

namespace Dense.Detection.Tests.Fcos;

/// <summary>One folder of the golden data of FCOS: settings, facts, images with their objects, tensors.</summary>
internal sealed class FcosCase
{
    private const string Folder = "detection/fcos";
    private readonly string _path;
    private readonly string _imageFolder;
    private readonly Dictionary<string, JsonElement> _images;
    private readonly JsonElement _annotations;

    public FcosCase(string name)
    {
        _path = Golden.Require(Folder, name);
        Facts = Json(Path.Combine(_path, "facts.json"));
        _imageFolder = File.Exists(Path.Combine(_path, "annotations.json")) ? _path : Golden.Require(Folder);
        _annotations = Json(Path.Combine(_imageFolder, "annotations.json"));
        _images = _annotations.ValueKind == JsonValueKind.Array
            ? _annotations.EnumerateArray().ToDictionary(i => i.GetProperty("file").GetString()!)
            : _annotations.GetProperty("images").EnumerateObject().ToDictionary(i => i.Name, i => i.Value);
    }

    /// <summary>Folders that hold a model, as theory rows.</summary>
    public static TheoryData<string> All => Golden.Cases(Folder, "config.yaml");

    public JsonElement Facts { get; }

    /// <summary>Rows (folder, key) for the keys of the facts that pass.</summary>
    public static TheoryData<string, string> Keys(Func<JsonProperty, bool> wanted)
    {
        var rows = new TheoryData<string, string>();
        foreach (string name in All.Select(r => r.Data))
        {
            if (name == Golden.Absent)
                rows.Add(name, name);
            else
                foreach (JsonProperty p in new FcosCase(name).Facts.EnumerateObject().Where(wanted))
                    rows.Add(name, p.Name);
        }

        return rows;
    }

    /// <summary>
    /// Rows (folder, variant) for the folders that hold a network's recorded outputs in a file, with "" for the
    /// configuration itself. Where outputs are not recorded, the tests of the whole model compute them.
    /// </summary>
    /// <param name="file">The tensors' name.</param>
    /// <param name="variants">The key of the facts that lists the variants.</param>
    public static TheoryData<string, string> Variants(string file, string variants)
    {
        var rows = new TheoryData<string, string>();
        foreach (string name in All.Select(r => r.Data))
        {
            if (name == Golden.Absent)
            {
                rows.Add(name, name);
                continue;
            }

            var golden = new FcosCase(name);
            if (!golden.Has(file) || !GoldenLevels.Has(golden.Arrays(file)))
                continue;
            rows.Add(name, "");
            foreach (JsonProperty variant in golden.Facts.GetProperty(variants).EnumerateObject())
                rows.Add(name, variant.Name);
        }

        return rows;
    }

    public static JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    public DetectorSettings Settings(JsonElement? options = null) =>
        GoldenSettings.Read(Path.Combine(_path, "config.yaml"), options);

    /// <summary>Whether the folder has tensors of that name.</summary>
    public bool Has(string name) => File.Exists(Path.Combine(_path, name + ".safetensors"));

    public GoldenArrays Arrays(string name) => new(Path.Combine(_path, name + ".safetensors"));

    /// <summary>The images of a training key such as <c>train_A_two_images</c>; of <c>train</c> all images.</summary>
    public IReadOnlyList<InputImage> Batch(string key) =>
        [.. (key == "train"
            ? _images.Keys
            : Names(_annotations.GetProperty("batches").GetProperty(key["train_".Length..]))).Select(Image)];

    /// <summary>The strings of a JSON list.</summary>
    public static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(n => n.GetString()!);

    /// <summary>The images that detections are stored of; all where the facts name none.</summary>
    public IReadOnlyList<InputImage> InferenceImages() =>
        [.. (Facts.GetProperty("infer").TryGetProperty("images", out JsonElement names)
            ? Names(names)
            : _images.Keys).Select(Image)];

    /// <summary>The reference's state dictionary: names, kinds, shapes in order.</summary>
    public JsonElement StateNames() => Json(Path.Combine(_path, "state_names.json"));

    /// <summary>An image, channels as RGB, with its objects.</summary>
    public InputImage Image(string name)
    {
        JsonElement entry = _images[name];
        JsonElement[] objects = [.. entry.GetProperty("objects").EnumerateArray()];
        int height = entry.GetProperty("height").GetInt32(), width = entry.GetProperty("width").GetInt32();
        return new InputImage
        {
            Pixels = Pixels(Path.Combine(_imageFolder, entry.GetProperty("file").GetString()!), height, width),
            Height = height,
            Width = width,
            OriginalHeight = entry.GetProperty("original_height").GetInt32(),
            OriginalWidth = entry.GetProperty("original_width").GetInt32(),
            FileName = name,
            GroundTruth = new GroundTruth(
                [.. objects.SelectMany(o =>
                    o.GetProperty("bbox_xyxy").EnumerateArray().Select(v => (float)v.GetDouble()))],
                [.. objects.Select(o => o.GetProperty("category").GetInt32())],
                Masks: null),
        };
    }

    private static byte[] Pixels(string path, int height, int width)
    {
        using var decoder = new ImageDecoder();
        var image = new RgbImage();
        decoder.DecodeFile(path, image);
        Assert.Equal((height, width), (image.Height, image.Width));
        var planes = new byte[3 * height * width];
        ReadOnlySpan<byte> interleaved = image.Pixels;
        for (int i = 0; i < planes.Length; i++)
            planes[i] = interleaved[i % (height * width) * 3 + i / (height * width)];
        return planes;
    }
}
