using System.Text.Json;

namespace Dense.Imaging.Tests.Decode;

[Trait("Category", "Golden")]
public sealed class DecodeGoldenTests
{
    public static TheoryData<string> FileNames => GoldenImages.Entries(GoldenImages.Decode, "file");

    [Theory]
    [MemberData(nameof(FileNames))]
    public void Decoder_EqualsPillowWithTurboJpeg(string file) => Check(file, useTurboJpeg: true);

    [Theory]
    [MemberData(nameof(FileNames))]
    public void Decoder_EqualsPillowWithoutTurboJpeg(string file) => Check(file, useTurboJpeg: false);

    private static void Check(string file, bool useTurboJpeg)
    {
        using JsonDocument manifest = GoldenImages.Json(GoldenImages.Decode, "manifest.json");
        JsonElement entry = GoldenImages.Entry(manifest, "file", file);
        using ImageDecoder decoder = new(new ImageDecoderSettings { UseTurboJpeg = useTurboJpeg });
        RgbImage actual = new();
        string path = Golden.Require(GoldenImages.Decode, file);

        if (entry.TryGetProperty("expected_error", out _))
        {
            var error = Assert.Throws<ImageDecodeException>(() => decoder.DecodeFile(path, actual));
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
            return;
        }

        decoder.DecodeFile(path, actual);

        // The reader is libjpeg-turbo with the reference's settings, so JPEG is exact as well.
        GoldenImages.AssertSame(
            GoldenImages.Load(GoldenImages.Decode, entry.GetProperty("expected_rgb").GetString()!), actual);
    }
}
