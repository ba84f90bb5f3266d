using System.Buffers.Binary;
using SkiaSharp;

namespace Dense.Imaging.Tests.Decode;

public sealed class ImageDecoderTests
{
    [Fact]
    public void Decoder_NamesTheFileAndItsFirstBytesWhenItIsNoImage()
    {
        using ImageDecoder decoder = new();

        var error = Assert.Throws<ImageDecodeException>(
            () => decoder.Decode("hello, world"u8, "a/b.jpg", new RgbImage()));

        Assert.Equal("a/b.jpg", error.FileName);
        Assert.Contains("68656C6C6F2C2077", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected JPEG, PNG, GIF, WebP or BMP", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decoder_SaysThatAFileIsEmpty()
    {
        using ImageDecoder decoder = new();

        var error = Assert.Throws<ImageDecodeException>(() => decoder.Decode([], "a.jpg", new RgbImage()));

        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decoder_RefusesMorePixelsThanAllowedBeforeItDecodes(bool useTurboJpeg)
    {
        using ImageDecoder decoder = new(new ImageDecoderSettings { MaxPixels = 24, UseTurboJpeg = useTurboJpeg });
        foreach (byte[] file in SmallImages.All)
        {
            RgbImage image = new();
            var error = Assert.Throws<ImageDecodeException>(() => decoder.Decode(file, "big", image));
            Assert.Contains("MaxPixels", error.Message, StringComparison.Ordinal);
            Assert.Equal(0, image.Width);
        }
    }

    [Fact]
    public void Decoder_RefusesAHeaderThatDeclaresMoreThanTheFileCanHold()
    {
        byte[] png = Encode(Pattern(20, 10), SKEncodedImageFormat.Png);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 12_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 12_000);
        using ImageDecoder decoder = new();

        var error = Assert.Throws<ImageDecodeException>(() => decoder.Decode(png, "bomb.png", new RgbImage()));

        Assert.Contains("12000x12000", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot hold", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0, 1, 2, 3)]
    [InlineData(2, 1, 0, 3, 2)]
    [InlineData(3, 3, 2, 1, 0)]
    [InlineData(4, 2, 3, 0, 1)]
    [InlineData(5, 0, 2, 1, 3)]
    [InlineData(6, 2, 0, 3, 1)]
    [InlineData(7, 3, 1, 2, 0)]
    [InlineData(8, 1, 3, 0, 2)]
    public void Decoder_TurnsTheImageUprightOnlyWhenAsked(
        byte orientation, int topLeft, int topRight, int bottomLeft, int bottomRight)
    {
        // Four quarters of one grey each: stored top left 0, top right 1, bottom left 2, bottom right 3.
        RgbImage quarters = new(48, 32);
        for (int i = 0; i < quarters.Pixels.Length; i++)
        {
            int x = i / 3 % 48, y = i / 3 / 48;
            quarters.Pixels[i] = (byte)(60 * ((x < 24 ? 0 : 1) + (y < 16 ? 0 : 2)));
        }

        byte[] file = WithOrientation(Encode(quarters, SKEncodedImageFormat.Jpeg), orientation);
        using ImageDecoder stored = new(), upright = new(new ImageDecoderSettings { ApplyExifOrientation = true });
        RgbImage a = new(), b = new();

        stored.Decode(file, "exif.jpg", a);
        upright.Decode(file, "exif.jpg", b);

        Assert.Equal((48, 32), (a.Width, a.Height));
        Assert.Equal([0, 1, 2, 3], Corners(a));
        Assert.Equal(orientation >= 5 ? (32, 48) : (48, 32), (b.Width, b.Height));
        Assert.Equal([topLeft, topRight, bottomLeft, bottomRight], Corners(b));

        static int[] Corners(RgbImage i) =>
        [
            Nearest(i.Row(4)[12]), Nearest(i.Row(4)[^12]),
            Nearest(i.Row(i.Height - 5)[12]), Nearest(i.Row(i.Height - 5)[^12]),
        ];

        static int Nearest(byte v) => (int)Math.Round(v / 60.0);
    }

    [Fact]
    public void Decoder_GivesTheSamePixelsWithAndWithoutTurboJpeg()
    {
        using ImageDecoder turbo = new(), skia = new(new ImageDecoderSettings { UseTurboJpeg = false });
        Assert.SkipUnless(turbo.UsesTurboJpeg, "libturbojpeg is not installed.");
        Assert.False(skia.UsesTurboJpeg);
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (16, 16), (33, 17), (250, 188)])
        {
            byte[] file = Encode(Pattern(width, height), SKEncodedImageFormat.Jpeg);
            RgbImage a = new(), b = new();
            turbo.Decode(file, "a", a);
            skia.Decode(file, "a", b);
            GoldenImages.AssertSame(a, b);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decoder_ReusesItsBuffers(bool useTurboJpeg)
    {
        byte[] file = Encode(Pattern(300, 200), SKEncodedImageFormat.Jpeg);
        using ImageDecoder decoder = new(new ImageDecoderSettings { UseTurboJpeg = useTurboJpeg });
        RgbImage image = new();
        decoder.Decode(file, "a", image);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            decoder.Decode(file, "a", image);

        // Skia's wrappers are small objects; an image would be 180,000 bytes each time.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 2_000);
    }

    [Fact]
    public void DecodeFile_NamesTheFileInItsException()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [1, 2, 3]);
            using ImageDecoder decoder = new();
            var error = Assert.Throws<ImageDecodeException>(() => decoder.DecodeFile(path, new RgbImage()));
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static RgbImage Pattern(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)((i * 7) ^ (i >> 5));
        return image;
    }

    private static byte[] Encode(RgbImage image, SKEncodedImageFormat format)
    {
        using SKBitmap bitmap = new(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            ReadOnlySpan<byte> p = image.Pixels.Slice(3 * i, 3);
            bitmap.SetPixel(i % image.Width, i / image.Width, new SKColor(p[0], p[1], p[2]));
        }

        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    // An APP1 segment with one EXIF tag, 0x0112, right after the start of the image.
    private static byte[] WithOrientation(byte[] jpeg, byte orientation) =>
    [
        .. jpeg[..2],
        0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*\0\0\0\b"u8,
        0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        .. jpeg[2..],
    ];
}
