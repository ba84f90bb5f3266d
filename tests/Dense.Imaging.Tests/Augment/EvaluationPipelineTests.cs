namespace Dense.Imaging.Tests.Augment;

public sealed class EvaluationPipelineTests
{
    // P-83.
    [Theory]
    [InlineData(257, 16)]
    [InlineData(258, 17)]
    [InlineData(259, 18)]
    [InlineData(260, 18)]
    [InlineData(261, 18)]
    public void CenterOffset_RoundsHalfToEven(int length, int offset) =>
        Assert.Equal(offset, EvaluationPipeline.CenterOffset(length, 224));

    // P-82: the longer side is rounded down.
    [Theory]
    [InlineData(500, 375, 341, 256)]
    [InlineData(375, 500, 256, 341)]
    [InlineData(640, 480, 341, 256)]
    [InlineData(300, 300, 256, 256)]
    public void ResizedSize_KeepsTheProportion(int width, int height, int newWidth, int newHeight) =>
        Assert.Equal((newWidth, newHeight), EvaluationPipeline.ResizedSize(width, height, 256));

    [Theory]
    [InlineData(500, 375)]
    [InlineData(200, 333)]
    [InlineData(256, 256)]
    public void CenterCrop_IsTheMiddleOfTheResizedImage(int width, int height)
    {
        RgbImage image = Pattern(width, height), resized = new(), expected = new(224, 224), actual = new();
        (int w, int h) = EvaluationPipeline.ResizedSize(width, height, 256);
        new BilinearResampler().Resize(image, PixelBox.Whole(image), w, h, resized);
        int left = EvaluationPipeline.CenterOffset(w, 224), top = EvaluationPipeline.CenterOffset(h, 224);
        for (int y = 0; y < 224; y++)
            resized.Row(top + y).Slice(3 * left, 3 * 224).CopyTo(expected.Row(y));

        new EvaluationPipeline(EvaluationSettings.CenterCrop).ApplyAsPicture(image, actual);

        GoldenImages.AssertSame(expected, actual);
    }

    [Fact]
    public void Squeeze_ResizesTwice()
    {
        RgbImage image = Pattern(300, 200), first = new(), expected = new(), actual = new();
        BilinearResampler resampler = new();
        resampler.Resize(image, PixelBox.Whole(image), 384, 256, first);
        resampler.Resize(first, PixelBox.Whole(first), 224, 224, expected);

        new EvaluationPipeline(EvaluationSettings.Squeeze).ApplyAsPicture(image, actual);

        GoldenImages.AssertSame(expected, actual);
    }

    [Fact]
    public void CenterCrop_PutsASmallImageOnBlack()
    {
        RgbImage image = new(2, 4), actual = new();
        image.Pixels.Fill(9);

        new EvaluationPipeline(new EvaluationSettings { ShorterSide = null, Size = 4 }).ApplyAsPicture(image, actual);

        Assert.Equal([0, 9, 9, 0], [actual.Row(0)[0], actual.Row(0)[3], actual.Row(0)[6], actual.Row(0)[9]]);
    }

    [Fact]
    public void Tensor_HoldsTheNormalisedPicture()
    {
        RgbImage image = Pattern(256, 256), picture = new();
        EvaluationPipeline pipeline = new(EvaluationSettings.CenterCrop);
        float[] tensor = new float[pipeline.Settings.ValueCount];

        pipeline.Apply(image, tensor);
        pipeline.ApplyAsPicture(image, picture);

        float unit = picture.Row(3)[(3 * 5) + 1] / 255f;
        Assert.Equal((unit - 0.456f) / 0.224f, tensor[(224 * 224) + (3 * 224) + 5]);
    }

    private static RgbImage Pattern(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)((i * 13) ^ (i >> 4));
        return image;
    }
}
