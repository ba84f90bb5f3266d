using System.Buffers.Binary;
using System.Diagnostics;

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
        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl-pillow-");
        try
        {
            WriteFiles(folder.FullName);
            List<string> differences = [];
            string[] files = Directory.GetFiles(folder.FullName, "*.rgb");
            using ImageDecoder decoder = new(new ImageDecoderSettings { UseTurboJpeg = useTurboJpeg });
            foreach (string expected in files.Order(StringComparer.Ordinal))
            {
                if (Compare(decoder, expected[..^".rgb".Length], File.ReadAllBytes(expected)) is { } difference)
                    differences.Add($"{Path.GetFileNameWithoutExtension(expected)}: {difference}");
            }

            Assert.NotEmpty(files);
            Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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

    private static void WriteFiles(string folder)
    {
        string script = RepositoryRoot.Combine("tests", "Dense.Imaging.Tests", "Decode", "peers", "pillow_images.py");
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, folder])
        {
            RedirectStandardError = true,
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
