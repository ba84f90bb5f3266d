using System.Text.Json;
using Dense.Imaging;

namespace Dense.Detection.Tests;

/// <summary>The images that the golden models see, as the data loader would hand them over.</summary>
internal static class GoldenImages
{
    /// <summary>The two images of a golden model, without ground truth.</summary>
    /// <param name="folder">Such as <c>fcos/small</c>.</param>
    public static IReadOnlyList<InputImage> Of(string folder)
    {
        string[] parts = folder.Split('/');
        bool full = parts[1] == "r50";
        string home = full ? folder : parts[0];
        using JsonDocument file = JsonDocument.Parse(
            File.ReadAllBytes(Golden.Require("detection", home, "annotations.json")));
        JsonElement[] records = full
            ? [.. file.RootElement.EnumerateArray()]
            : [.. ((string[])["img0", "img1"]).Select(i => file.RootElement.GetProperty("images").GetProperty(i))];
        return [.. records.Select(r => Read(home, r))];
    }

    /// <summary>The image of a record.</summary>
    /// <param name="home">Such as <c>solov2</c>.</param>
    /// <param name="record">An image of an annotation file.</param>
    public static InputImage Read(string home, JsonElement record)
    {
        string path = Golden.Require("detection", home, record.GetProperty("file").GetString()!);
        using var decoder = new ImageDecoder();
        var image = new RgbImage();
        decoder.DecodeFile(path, image);
        return new InputImage
        {
            Pixels = Planes(image),
            Height = image.Height,
            Width = image.Width,
            OriginalHeight = record.GetProperty("original_height").GetInt32(),
            OriginalWidth = record.GetProperty("original_width").GetInt32(),
            FileName = path,
        };
    }

    private static byte[] Planes(RgbImage image)
    {
        int count = image.Height * image.Width;
        var planes = new byte[3 * count];
        Span<byte> pixels = image.Pixels;
        for (int i = 0; i < planes.Length; i++)
            planes[i % 3 * count + i / 3] = pixels[i];
        return planes;
    }
}
