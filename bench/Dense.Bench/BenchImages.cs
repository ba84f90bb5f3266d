using Dense.Imaging;
using SkiaSharp;

namespace Dense.Bench;

/// <summary>
/// The JPEG files that benches read: those of the folder that <c>DENSE_BENCH_IMAGES</c> names, else generated ones of
/// 500 x 375 pixels in a temporary folder.
/// </summary>
internal sealed class BenchImages : IDisposable
{
    private const string FolderVariable = "DENSE_BENCH_IMAGES";

    private readonly DirectoryInfo? _generated;

    private BenchImages(string path, DirectoryInfo? generated)
    {
        Path = path;
        _generated = generated;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Finds or generates the files.</summary>
    public static BenchImages Open()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder)
            return new BenchImages(folder, null);

        DirectoryInfo generated = Directory.CreateTempSubdirectory("densecl-bench-");
        Generate(generated.FullName);
        return new BenchImages(generated.FullName, generated);
    }

    public void Dispose() => _generated?.Delete(recursive: true);

    // Smooth colour waves with grain: about as hard to decode as a photograph of this size.
    private static void Generate(string folder)
    {
        const int Width = 500, Height = 375, Files = 24, Quality = 92, Grain = 24;
        for (int file = 0; file < Files; file++)
        {
            SampleRandom random = new(1, 0, file, 0);
            using SKBitmap bitmap = new(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            float fx = 0.01f + (0.05f * random.NextUnit()), fy = 0.01f + (0.05f * random.NextUnit());
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    float wave = (MathF.Sin(fx * x) + MathF.Cos(fy * y) + 2) * 50;
                    int grain = random.NextInteger(Grain);
                    bitmap.SetPixel(
                        x, y,
                        new SKColor((byte)(wave + grain), (byte)(220 - wave + grain), (byte)((x * y % 200) + grain)));
                }
            }

            using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
            File.WriteAllBytes(System.IO.Path.Combine(folder, $"{file:D3}.jpg"), data.ToArray());
        }
    }
}
