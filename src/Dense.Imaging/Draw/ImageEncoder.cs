using System.Runtime.InteropServices;
using SkiaSharp;

namespace Dense.Imaging;

/// <summary>Turns images into PNG and JPEG files.</summary>
public static class ImageEncoder
{
    /// <summary>Encodes without loss.</summary>
    /// <param name="image">At least one pixel.</param>
    public static byte[] EncodePng(RgbImage image) => Encode(image, SKEncodedImageFormat.Png, 100);

    /// <summary>Encodes as JPEG, chroma at half the resolution.</summary>
    /// <param name="image">At least one pixel.</param>
    /// <param name="quality">1…100.</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 92)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image, SKEncodedImageFormat.Jpeg, quality);
    }

    /// <summary>
    /// Writes a file in the format of its extension: .png, .jpg or .jpeg. It appears under its name only when it is
    /// complete.
    /// </summary>
    /// <param name="image">At least one pixel.</param>
    /// <param name="path">The file; replaced when it exists.</param>
    /// <exception cref="ArgumentException">The extension is another one.</exception>
    public static void Save(RgbImage image, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] encoded = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => EncodePng(image),
            ".JPG" or ".JPEG" => EncodeJpeg(image),
            string other => throw new ArgumentException(
                $"{path}: no format for the extension '{other}', expected .png, .jpg or .jpeg. Rename the output."),
        };

        string temporary = path + ".tmp";
        using (FileStream stream = new(temporary, FileMode.Create))
        {
            stream.Write(encoded);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>A copy of an image as Skia draws on it.</summary>
    internal static SKBitmap ToBitmap(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        SKBitmap bitmap = new(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<uint> target = MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i < target.Length; i++)
            target[i] = pixels[3 * i] | (uint)pixels[(3 * i) + 1] << 8 | (uint)pixels[(3 * i) + 2] << 16 | 0xFF000000;
        return bitmap;
    }

    private static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        using SKBitmap bitmap = ToBitmap(image);
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }
}
