using System.Buffers.Binary;

namespace Dense.Imaging.Tests.Decode;

/// <summary>Files of many kinds, written and read by an installed Pillow, must give the same pixels here.</summary>
[Trait("Category", "Peer")]
public sealed class PillowPeerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decoder_AgreesWithPillowOnEveryKindOfFile(bool useTurboJpeg)
    {
        using var folder = new TempFolder();
        WriteFiles(folder.Path);
        List<string> differences = [];
        string[] files = Directory.GetFiles(folder.Path, "*.rgb");
        using ImageDecoder decoder = new(new ImageDecoderSettings { UseTurboJpeg = useTurboJpeg });
        foreach (string expected in files.Order(StringComparer.Ordinal))
        {
            if (Compare(decoder, expected[..^".rgb".Length], File.ReadAllBytes(expected)) is { } difference)
                differences.Add($"{Path.GetFileNameWithoutExtension(expected)}: {difference}");
        }

        Assert.NotEmpty(files);
        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    private static string? Compare(ImageDecoder decoder, string path, byte[] expected)
    {
        RgbImage image = new();
        try
        {
            decoder.DecodeFile(path, image);
        }
        catch (ImageDecodeException e)
        {
            return expected.Length == 0 ? null : $"Pillow reads it, we do not: {e.Reason}";
        }

        if (expected.Length == 0)
            return "Pillow refuses it, we do not.";

        int width = BinaryPrimitives.ReadInt32LittleEndian(expected);
        int height = BinaryPrimitives.ReadInt32LittleEndian(expected.AsSpan(4));
        if ((width, height) != (image.Width, image.Height))
            return $"expected {width}x{height}, found {image.Width}x{image.Height}";

        ReadOnlySpan<byte> pixels = expected.AsSpan(8);
        int at = pixels.CommonPrefixLength(image.Pixels);
        return at == pixels.Length ? null : $"byte {at}: expected {pixels[at]}, found {image.Pixels[at]}";
    }

    private static void WriteFiles(string folder) => Python.RunFile(
        RepositoryRoot.Combine("tests", "Dense.Imaging.Tests", "Decode", "peers", "pillow_images.py"), folder);
}
