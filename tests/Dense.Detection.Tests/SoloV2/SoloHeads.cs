using System.Text.Json;
using Dense.Detection.SoloV2;
using Dense.Torch;
using Dense.Torch.Tests.Tensors;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>What the narrow model's heads say, and of which images, from the golden files.</summary>
internal static class SoloHeads
{
    /// <summary>The head outputs of a file; the caller owns them.</summary>
    public static SoloPredictions Read(string path, ScalarType type = ScalarType.Float32)
    {
        var golden = GoldenTensors.Read(path);
        Tensor[] Levels(string name) => [.. Enumerable.Range(0, 5).Select(level => Tensor($"head.{name}.{level}"))];
        Tensor Tensor(string name)
        {
            using Tensor single = golden[name].ToTensor();
            return type == ScalarType.Float32 ? single.alias() : single.to(type);
        }

        return new SoloPredictions(Levels("cate"), Levels("kernel"), Tensor("mask_feature"));
    }

    /// <summary>An image of <c>annotations.json</c>.</summary>
    public static JsonElement Image(string name) =>
        SoloGolden.Json("annotations.json").GetProperty("images").GetProperty(name);

    /// <summary>Its size before padding.</summary>
    public static (int Height, int Width) Size(string name) =>
        (Image(name).GetProperty("height").GetInt32(), Image(name).GetProperty("width").GetInt32());

    /// <summary>An input without pixels: inference reads the original size alone.</summary>
    public static InputImage Input(string name) => new()
    {
        Pixels = [],
        Height = Size(name).Height,
        Width = Size(name).Width,
        OriginalHeight = Image(name).GetProperty("original_height").GetInt32(),
        OriginalWidth = Image(name).GetProperty("original_width").GetInt32(),
    };

    /// <summary>The padded size of a batch whose heads are known.</summary>
    public static (int Height, int Width) Extent(SoloPredictions heads) =>
        (4 * (int)heads.MaskFeature.shape[2], 4 * (int)heads.MaskFeature.shape[3]);

    /// <summary>A batch's image names.</summary>
    public static string[] Names(JsonElement run) =>
        [.. run.GetProperty("images").EnumerateArray().Select(i => i.GetString()!)];
}
