using System.IO.Hashing;

namespace Dense.Imaging.Tests.Augment;

/// <summary>The table of P-96: one synthetic image, checksums of every operation.</summary>
public sealed class MicroVectorTests
{
    private static readonly RgbImage Input = MakeInput();

    public static TheoryData<string, uint, byte[], long> Rows => new()
    {
        { "input", 0xd856d954, [0, 29, 58, 7, 36, 65], 326256 },
        { "resize 16 16", 0xbcec79e5, [11, 40, 69, 27, 56, 85], 98151 },
        { "resize 224 224", 0x47fb265d, [0, 29, 58, 0, 29, 58], 19236664 },
        { "crop 8 8", 0xc234a0db, [105, 134, 163, 128, 157, 186], 24287 },
        { "luma", 0x56bd82fd, [24, 31, 38, 45, 52, 59], 108461 },
        { "brightness 0.7", 0x3b665dff, [0, 20, 40, 4, 25, 45], 227210 },
        { "brightness 1.3", 0x8f0578aa, [0, 37, 75, 9, 46, 84], 400418 },
        { "contrast 0.7", 0xd3836f2a, [38, 58, 78, 43, 63, 83], 324509 },
        { "contrast 1.3", 0xd856ebd7, [0, 0, 37, 0, 8, 46], 325618 },
        { "saturation 0.7", 0x4b36c70a, [7, 27, 47, 14, 34, 54], 324774 },
        { "saturation 1.3", 0x2ed95c02, [0, 30, 68, 0, 37, 75], 326513 },
        { "hsv", 0xd3c7c226, [148, 255, 58, 148, 227, 65], 393936 },
        { "hue 0.1", 0x485af7dc, [4, 0, 58, 11, 7, 65], 305199 },
        { "hue -0.1", 0x36ca3429, [0, 58, 52, 7, 65, 59], 348001 },
        { "hue 0", 0x01a7a581, [0, 30, 58, 7, 37, 65], 327865 },
        { "hue 0.0039", 0x01a7a581, [0, 30, 58, 7, 37, 65], 327865 },
        { "blur 0.1", 0xd856d954, [0, 29, 58, 7, 36, 65], 326256 },
        { "blur 0.5", 0x22c96422, [2, 31, 60, 10, 39, 68], 326264 },
        { "blur 1.0", 0xe59115fc, [8, 37, 66, 13, 42, 71], 325731 },
        { "blur 1.37", 0x072dfb5a, [15, 44, 73, 19, 48, 77], 326255 },
        { "blur 2.0", 0x0870612c, [23, 52, 81, 26, 55, 84], 326340 },
        { "flip", 0x9e8b9974, [252, 25, 54, 245, 18, 47], 326256 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Operation_GivesThePublishedChecksum(string operation, uint crc, byte[] first, long sum)
    {
        byte[] bytes = Apply(operation.Split(' '));

        Assert.Equal(first, bytes[..first.Length]);
        Assert.Equal(sum, bytes.Sum(b => (long)b));
        Assert.Equal(crc, Crc32.HashToUInt32(bytes));
    }

    [Theory]
    [InlineData(0.1f, 0.0016722409f, 0, 16721291u, 27962u)]
    [InlineData(0.5f, 0.0454545468f, 0, 15379114u, 699051u)]
    [InlineData(1.0f, 0.2500000298f, 0, 11184811u, 2796202u)]
    [InlineData(1.37f, 0.8355889320f, 0, 6280830u, 5248193u)]
    [InlineData(2.0f, 1.375f, 1, 4473924u, 1677722u)]
    public void BlurKernel_HasThePublishedWeights(float sigma, float rho, int radius, uint inner, uint edge)
    {
        Assert.Equal(rho, BoxBlurKernel.FractionalRadius(sigma));
        Assert.Equal(new BoxBlurKernel(radius, inner, edge), BoxBlurKernel.ForSigma(sigma));
    }

    private static byte[] Apply(string[] words)
    {
        PlanarImage planes = Input.ToPlanes();
        RgbImage result = new();
        float number = words.Length == 2 ? float.Parse(words[1]) : 0;
        switch (words[0])
        {
            case "input":
                return Input.Pixels.ToArray();
            case "resize":
                new BilinearResampler().Resize(
                    Input, PixelBox.Whole(Input), int.Parse(words[1]), int.Parse(words[2]), result);
                return result.Pixels.ToArray();
            case "crop":
                new BilinearResampler().Resize(Input, new PixelBox(5, 3, 20, 11), 8, 8, result);
                return result.Pixels.ToArray();
            case "luma":
                Luma.ReplaceColors(planes);
                return planes.Plane(1).ToArray();
            case "brightness":
                Blend.Brightness(planes, number);
                break;
            case "contrast":
                Blend.Contrast(planes, number);
                break;
            case "saturation":
                Blend.Saturation(planes, number);
                break;
            case "hsv":
                return ToHsv(Input);
            case "hue":
                Hue.Shift(planes, Hue.Steps(number));
                break;
            case "blur":
                new GaussianBlur().Run(planes, number);
                break;
            case "flip":
                result.CopyFrom(Input);
                PixelLayout.Mirror(result);
                return result.Pixels.ToArray();
        }

        return planes.ToPicture().Pixels.ToArray();
    }

    private static byte[] ToHsv(RgbImage image)
    {
        byte[] result = image.Pixels.ToArray();
        for (int i = 0; i < result.Length; i += 3)
            (result[i], result[i + 1], result[i + 2]) = Hsv.FromRgb(result[i], result[i + 1], result[i + 2]);
        return result;
    }

    private static RgbImage MakeInput()
    {
        RgbImage image = new(37, 23);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                    image.Row(y)[(3 * x) + c] = (byte)((7 * x) + (13 * y) + (29 * c) + (x * y));
            }
        }

        return image;
    }
}
