using System.Text.Json;

namespace Dense.Imaging.Tests;

/// <summary>Reads the golden pictures and lists.</summary>
internal static class GoldenImages
{
    public const string Augment = "pretraining/augment";
    public const string Decode = "pretraining/decode";

    public static RgbImage Load(params string[] parts)
    {
        using ImageDecoder decoder = new();
        RgbImage image = new();
        decoder.DecodeFile(Golden.Require(parts), image);
        return image;
    }

    public static JsonDocument Json(params string[] parts) =>
        JsonDocument.Parse(File.ReadAllBytes(Golden.Require(parts)));

    /// <summary>Field <paramref name="key"/> of every entry of a manifest, as theory rows.</summary>
    public static TheoryData<string> Entries(string folder, string key)
    {
        string path = Path.Combine(Golden.Root, folder, "manifest.json");
        if (!File.Exists(path))
            return [Golden.Absent];

        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(path));
        return new TheoryData<string>(manifest.RootElement.EnumerateArray().Select(e => e.GetProperty(key).ToString()));
    }

    public static JsonElement Entry(JsonDocument manifest, string key, string value) =>
        manifest.RootElement.EnumerateArray().Single(e => e.GetProperty(key).ToString() == value);

    public static PlanarImage ToPlanes(this RgbImage image)
    {
        PlanarImage planes = new();
        PixelLayout.Deinterleave(image, PixelBox.Whole(image), planes);
        return planes;
    }

    public static RgbImage ToPicture(this PlanarImage planes)
    {
        RgbImage image = new();
        PixelLayout.Interleave(planes, image);
        return image;
    }

    public static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        int at = expected.Pixels.CommonPrefixLength(actual.Pixels);
        if (at < expected.Pixels.Length)
        {
            int pixel = at / 3;
            Assert.Fail(
                $"Pixel ({pixel % expected.Width}, {pixel / expected.Width}) channel {at % 3}: "
                + $"expected {expected.Pixels[at]}, found {actual.Pixels[at]}.");
        }
    }
}
