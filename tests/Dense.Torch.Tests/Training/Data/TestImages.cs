using Dense.Training.Data;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

/// <summary>Small image files made on the spot.</summary>
internal static class TestImages
{
    /// <summary>A PNG file of random pixels.</summary>
    public static byte[] Png(int seed, int width = 40, int height = 30)
    {
        byte[] planes = new byte[3 * width * height];
        new Random(seed).NextBytes(planes);
        var image = new EncodedImage();
        StoredPng.Write(planes, width, height, image);
        return image.Bytes.ToArray();
    }
}
