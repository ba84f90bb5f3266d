using System.Globalization;

namespace Dense.Imaging.Tests.Augment;

/// <summary>PCA lighting (P-84).</summary>
public sealed class LightingTests
{
    // Five roundings (two constants, two products, a sum) of 2⁻²⁴ each, of at most 0.127.
    private const double Float32Sum = 4e-8;

    private static readonly ViewSettings Lit = ViewSettings.Supervised with { LightingDeviation = 0.1 };

    [Theory]
    [InlineData(1, 0, 0, -0.12343125, -0.126324, -0.126933)]
    [InlineData(0, 1, 0, 0.01352096, -0.0000846, -0.01306224)]
    [InlineData(0, 0, 1, 0.00180405, -0.003663, 0.00189135)]
    [InlineData(0.1, -0.2, 0.05, -0.0149571145, -0.01279863, -0.0099862845)]
    public void Offset_IsTheChannelsRowTimesTheWeightedEigenvalues(
        float first, float second, float third, double r, double g, double b)
    {
        Lighting lighting = new(first, second, third);

        Assert.Equal(r, lighting.Offset(0), Float32Sum);
        Assert.Equal(g, lighting.Offset(1), Float32Sum);
        Assert.Equal(b, lighting.Offset(2), Float32Sum);
    }

    [Fact]
    public void View_IsLitBeforeItIsNormalised()
    {
        RgbImage image = new(1, 1);
        (image.Pixels[0], image.Pixels[1], image.Pixels[2]) = (0, 100, 255);
        Lighting lighting = new(0.3f, -0.1f, 0.2f);
        float[] view = new float[3];

        Pipeline(1).Apply(image, Whole(1, flip: false, lighting), view);

        (float R, float G, float B) mean = Normalization.ImageNet.Mean, deviation =
            Normalization.ImageNet.StandardDeviation;
        Assert.Equal(
            [
                (lighting.Offset(0) - mean.R) / deviation.R,
                ((100 / 255f) + lighting.Offset(1) - mean.G) / deviation.G,
                (1 + lighting.Offset(2) - mean.B) / deviation.B,
            ],
            view);
    }

    [Fact]
    public void View_IsMirroredAsWithoutLighting()
    {
        const int Size = 37;
        RgbImage image = Pattern(Size);
        float[] plain = new float[3 * Size * Size], dark = new float[plain.Length];

        Pipeline(Size).Apply(image, Whole(Size, flip: true, lighting: null), plain);
        Pipeline(Size).Apply(image, Whole(Size, flip: true, default(Lighting)), dark);

        Assert.Equal(plain, dark);
    }

    [Fact]
    public void Weights_AreNormalWithTheDeviationOfTheSettings()
    {
        const int Views = 20_000;
        double[] drawn = [.. Enumerable.Range(0, Views).SelectMany(i =>
        {
            SampleRandom random = new(0, 0, i, 0);
            Lighting lighting = ViewSampler.Draw(Lit, 50, 40, ref random).Lighting!.Value;
            return new double[] { lighting.First, lighting.Second, lighting.Third };
        })];

        // Four standard errors of 60,000 draws: of the mean, of the deviation, and of a share of 0.6827.
        Assert.Equal(0, drawn.Average(), 0.1 * 4 / Math.Sqrt(drawn.Length));
        Assert.Equal(0.1, Math.Sqrt(drawn.Average(d => d * d)), 0.1 * 4 / Math.Sqrt(2 * drawn.Length));
        Assert.Equal(0.6827, drawn.Average(d => Math.Abs(d) < 0.1 ? 1 : 0), 4 * Math.Sqrt(0.2166 / drawn.Length));
    }

    [Fact]
    public void Weights_AreDrawnLastAndOnlyWhenAskedFor()
    {
        for (int i = 0; i < 50; i++)
        {
            SampleRandom random = new(3, 0, i, 0), same = random;

            ViewParameters lit = ViewSampler.Draw(Lit, 50, 40, ref random);
            ViewParameters plain = ViewSampler.Draw(ViewSettings.Supervised, 50, 40, ref same);

            Assert.Null(plain.Lighting);
            Assert.Equal(plain, lit with { Lighting = null });
        }
    }

    [Fact]
    public void Settings_RefuseANegativeDeviation() =>
        Assert.Contains("LightingDeviation", Assert.Single((Lit with { LightingDeviation = -0.1 }).Problems()));

    // In torch's float32, operation by operation, and torchvision's normalisation.
    [Fact]
    [Trait("Category", "Peer")]
    public void View_EqualsTorchsBitForBit()
    {
        const int Size = 16;
        RgbImage image = Pattern(Size);
        float[] view = new float[3 * Size * Size];

        Pipeline(Size).Apply(image, Whole(Size, flip: false, new Lighting(0.13f, -0.07f, 0.21f)), view);

        string expected = Python.Run("""
            import sys, torch
            from torchvision.transforms.functional import normalize
            vectors = torch.tensor([[-.5675, .7192, .4009], [-.5808, -.0045, -.8140], [-.5836, -.6948, .4203]])
            weights = torch.tensor([.13, -.07, .21]) * torch.tensor([.2175, .0188, .0045])
            products = vectors * weights
            offset = products[:, 0] + products[:, 1] + products[:, 2]
            pixels = torch.tensor(list(bytes.fromhex(sys.argv[1]))).reshape(16, 16, 3).permute(2, 0, 1)
            lit = pixels.float().div(255) + offset.view(3, 1, 1)
            lit = normalize(lit, [.485, .456, .406], [.229, .224, .225])
            print(lit.contiguous().numpy().tobytes().hex())
            """, Convert.ToHexString(image.Pixels));
        byte[] actual = [.. view.SelectMany(BitConverter.GetBytes)];
        Assert.Equal(expected, Convert.ToHexString(actual).ToLower(CultureInfo.InvariantCulture));
    }

    private static ViewPipeline Pipeline(int size) => new(Lit with { CropSize = size });

    private static ViewParameters Whole(int size, bool flip, Lighting? lighting) =>
        new(new PixelBox(0, 0, size, size), null, false, null, false, flip, lighting);

    private static RgbImage Pattern(int size)
    {
        RgbImage image = new(size, size);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i * 89);
        return image;
    }
}
