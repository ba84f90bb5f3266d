using System.Text.Json;
using Dense.Imaging;

namespace Dense.Torch.Tests.Training.Detection.Data;

/// <summary>Reads the golden data of single pieces.</summary>
internal static class Pieces
{
    public const string Folder = "detection/pieces";

    public static JsonElement Json(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Golden.Require(Folder, name))).RootElement;

    public static RgbImage Image(string name)
    {
        using ImageDecoder decoder = new();
        RgbImage image = new();
        decoder.DecodeFile(Golden.Require(Folder, name), image);
        return image;
    }

    /// <summary>
    /// Numbers 0 … n − 1 of the entries of a list, as theory rows; one row −1 when the file is missing.
    /// </summary>
    public static TheoryData<int> Entries(string name, Func<JsonElement, JsonElement> list)
    {
        string path = Path.Combine(Golden.Root, Folder, name);
        return File.Exists(path)
            ? new TheoryData<int>(Enumerable.Range(0, list(Json(name)).GetArrayLength()))
            : [-1];
    }

    public static int[] Integers(this JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    public static double[] Doubles(this JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>The channel planes of interleaved pixels, in the order that is asked for.</summary>
    public static byte[] Planes(RgbImage image, bool reversed)
    {
        byte[] planes = new byte[image.Pixels.Length];
        int plane = image.Width * image.Height;
        for (int i = 0; i < planes.Length; i++)
            planes[((reversed ? 2 - (i % 3) : i % 3) * plane) + (i / 3)] = image.Pixels[i];

        return planes;
    }
}
