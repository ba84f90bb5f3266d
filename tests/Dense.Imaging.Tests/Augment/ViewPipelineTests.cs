namespace Dense.Imaging.Tests.Augment;

public sealed class ViewPipelineTests
{
    [Fact]
    public void Views_DependOnTheirAddressOnly()
    {
        RgbImage image = Pattern(200, 150), other = Pattern(90, 300);
        ViewPipeline fresh = new(ViewSettings.DenseCl), used = new(ViewSettings.DenseCl);
        float[] expected = new float[fresh.Settings.ValueCount], actual = new float[expected.Length];
        for (int i = 0; i < 20; i++)
        {
            SampleRandom warmUp = new(9, 9, i, 0);
            used.Make(other, ref warmUp, actual);
            SampleRandom a = new(1, 2, i, 1), b = new(1, 2, i, 1);

            ViewParameters first = new ViewPipeline(ViewSettings.DenseCl).Make(image, ref a, expected);
            ViewParameters second = used.Make(image, ref b, actual);

            Assert.Equal(first, second);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Views_AllocateNothing()
    {
        RgbImage image = Pattern(500, 375);
        ViewPipeline pipeline = new(ViewSettings.DenseCl with { LightingDeviation = 0.1 });
        float[] view = new float[pipeline.Settings.ValueCount];
        Make(50);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Make(50);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Make(int count)
        {
            for (int i = 0; i < count; i++)
            {
                SampleRandom random = new(0, 0, i, 0);
                pipeline.Make(image, ref random, view);
            }
        }
    }

    [Fact]
    public void Grayscale_ComesBeforeTheJitterInMoCoV1()
    {
        RgbImage image = Pattern(40, 40);
        ColorJitter jitter = new(
            JitterOperation.Brightness, JitterOperation.Contrast, JitterOperation.Saturation, JitterOperation.Hue,
            1.2f, null, 1.4f, 0.3f);
        ViewParameters parameters = new(new PixelBox(0, 0, 40, 40), jitter, true, null, false, false);
        RgbImage after = new(), before = new();

        new ViewPipeline(ViewSettings.DenseCl with { CropSize = 40 }).ApplyAsPicture(image, parameters, after);
        new ViewPipeline(ViewSettings.MoCoV1 with { CropSize = 40 }).ApplyAsPicture(image, parameters, before);

        PlanarImage expectedAfter = image.ToPlanes(), expectedBefore = image.ToPlanes();
        ViewPipeline.ApplyJitter(expectedAfter, jitter);
        Luma.ReplaceColors(expectedAfter);
        Luma.ReplaceColors(expectedBefore);
        ViewPipeline.ApplyJitter(expectedBefore, jitter);
        GoldenImages.AssertSame(expectedAfter.ToPicture(), after);
        GoldenImages.AssertSame(expectedBefore.ToPicture(), before);
        Assert.NotEqual(after.Pixels.ToArray(), before.Pixels.ToArray());
    }

    [Fact]
    public void PaddedCrop_ShowsTheBorderInBlack()
    {
        RgbImage image = new(32, 32);
        image.Pixels.Fill(200);
        RgbImage view = new();
        ViewParameters parameters = new(new PixelBox(-4, 3, 32, 32), null, false, null, false, false);

        new ViewPipeline(ViewSettings.Cifar10).ApplyAsPicture(image, parameters, view);

        for (int y = 0; y < 32; y++)
        {
            for (int x = 0; x < 32; x++)
                Assert.Equal(x < 4 || y >= 29 ? 0 : 200, view.Row(y)[3 * x]);
        }
    }

    [Fact]
    public void Solarize_InvertsBrightValues()
    {
        RgbImage image = new(1, 1), view = new();
        (image.Pixels[0], image.Pixels[1], image.Pixels[2]) = (127, 128, 255);

        new ViewPipeline(ViewSettings.Supervised with { CropSize = 1 })
            .ApplyAsPicture(image, new ViewParameters(new PixelBox(0, 0, 1, 1), null, false, null, true, false), view);

        Assert.Equal([127, 127, 0], view.Pixels.ToArray());
    }

    [Fact]
    public void Pipeline_NamesEveryProblemOfItsSettings()
    {
        var error = Assert.Throws<ArgumentException>(() => new ViewPipeline(
            new ViewSettings { CropSize = 0, FlipProbability = 2, Scale = new Interval(1, 0.5) }));

        Assert.Contains("CropSize", error.Message, StringComparison.Ordinal);
        Assert.Contains("FlipProbability", error.Message, StringComparison.Ordinal);
        Assert.Contains("Scale", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Presets_AreUsable()
    {
        foreach (ViewSettings settings in (ViewSettings[])[
            ViewSettings.DenseCl, ViewSettings.MoCoV1, ViewSettings.Supervised, ViewSettings.Cifar10])
        {
            Assert.Empty(settings.Problems());
        }
    }

    [Fact]
    public void Apply_RefusesACropOutsideTheImage() => Assert.Throws<ArgumentException>(() =>
        new ViewPipeline(ViewSettings.DenseCl).Apply(
            Pattern(10, 10),
            new ViewParameters(new PixelBox(5, 0, 6, 10), null, false, null, false, false),
            new float[ViewSettings.DenseCl.ValueCount]));

    private static RgbImage Pattern(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)((i * 13) ^ (i >> 4));
        return image;
    }
}
