using System.Globalization;

namespace Dense.Checkpoints.Conversion;

/// <summary>
/// What a detector must know to use a backbone, because getting it wrong costs several AP without an error (P-147,
/// P-214). safetensors files carry it as texts.
/// </summary>
public sealed record BackboneMetadata
{
    /// <summary>18, 34, 50, 101 or 152; null when unknown.</summary>
    public int? Depth { get; init; }

    /// <summary>Order of the colour channels that the network was trained on: <c>RGB</c> or <c>BGR</c>.</summary>
    public string ChannelOrder { get; init; } = "RGB";

    /// <summary>Mean of each channel in that order, on the scale 0 to 255.</summary>
    public IReadOnlyList<double> PixelMean { get; init; } = [123.675, 116.28, 103.53];

    /// <summary>Standard deviation of each channel in that order, on the scale 0 to 255.</summary>
    public IReadOnlyList<double> PixelStandardDeviation { get; init; } = [58.395, 57.12, 57.375];

    /// <summary>
    /// Whether a bottleneck's stride is in its first 1×1 convolution ("caffe") instead of the 3×3 ("pytorch").
    /// </summary>
    public bool StrideInFirstConvolution { get; init; }

    /// <summary>The texts for a safetensors file.</summary>
    public IReadOnlyDictionary<string, string> ToTexts()
    {
        var texts = new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["channel_order"] = ChannelOrder,
            ["pixel_mean"] = Join(PixelMean),
            ["pixel_std"] = Join(PixelStandardDeviation),
            ["stride_in_1x1"] = StrideInFirstConvolution ? "true" : "false",
        };
        if (Depth is { } depth)
            texts["depth"] = depth.ToString(CultureInfo.InvariantCulture);

        return texts;
    }

    /// <summary>Reads the texts of a safetensors file; null when it carries no such block.</summary>
    /// <exception cref="CheckpointFormatException">A number in the block is malformed.</exception>
    public static BackboneMetadata? Of(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!file.Metadata.TryGetValue("channel_order", out string? order))
            return null;

        var known = new BackboneMetadata();
        return known with
        {
            ChannelOrder = order,
            PixelMean = Numbers(file, "pixel_mean") ?? known.PixelMean,
            PixelStandardDeviation = Numbers(file, "pixel_std") ?? known.PixelStandardDeviation,
            StrideInFirstConvolution = file.Metadata.GetValueOrDefault("stride_in_1x1") == "true",
            Depth = Numbers(file, "depth") is [var depth] ? (int)depth : null,
        };
    }

    private static string Join(IEnumerable<double> values) =>
        string.Join(' ', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));

    private static double[]? Numbers(CheckpointFile file, string key)
    {
        if (!file.Metadata.TryGetValue(key, out string? text))
            return null;

        string[] words = text.Split(' ');
        var numbers = new double[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!double.TryParse(words[i], CultureInfo.InvariantCulture, out numbers[i]))
                throw new CheckpointFormatException(
                    file.Name, $"its metadata '{key}' should be numbers, but is '{CheckpointValue.Shorten(text)}'.");
        }

        return numbers;
    }
}
