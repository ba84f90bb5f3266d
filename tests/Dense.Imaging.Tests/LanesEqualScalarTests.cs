using CsCheck;

namespace Dense.Imaging.Tests;

/// <summary>Every vector form against its plain twin, on random sizes and values.</summary>
public sealed class LanesEqualScalarTests
{
    private static readonly Gen<RgbImage> Images =
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 60], Gen.ULong, Gen.Bool).Select((width, height, seed, extreme) =>
        {
            RgbImage image = new(width, height);
            SampleRandom random = new(seed, 0, 0, 0);
            foreach (ref byte v in image.Pixels)
                v = extreme ? (byte)(random.NextInteger(2) * 255) : (byte)random.NextInteger(256);
            return image;
        });

    private static readonly Gen<float> Factors = Gen.OneOf(
        Gen.Float[0, 2], Gen.Float[0, 1e9f], Gen.Int[0, 4].Select(i => new[] { 0f, 1f, 0.5f, 2f, float.MaxValue }[i]));

    [Fact]
    public void Brightness_EqualsItsScalarForm() =>
        Gen.Select(Images, Factors, Gen.Int[0, 255]).Sample((image, factor, d) =>
        {
            byte[] expected = image.Pixels.ToArray(), actual = image.Pixels.ToArray();
            Blend.WithConstantScalar(expected, d, factor);
            Blend.WithConstant(actual, d, factor);
            Assert.Equal(expected, actual);
        });

    [Fact]
    public void Saturation_EqualsItsScalarForm() => Gen.Select(Images, Factors).Sample((image, factor) => Same(
        image, planes => Blend.SaturationScalar(planes, factor, 0), planes => Blend.Saturation(planes, factor)));

    [Fact]
    public void Grayscale_EqualsItsScalarForm() => Images.Sample(image =>
    {
        Same(image, planes => Luma.ReplaceColorsScalar(planes, 0), Luma.ReplaceColors);
        PlanarImage planes = image.ToPlanes();
        Assert.Equal(Luma.SumScalar(planes, 0), Luma.Sum(planes));
    });

    [Fact]
    public void Hue_EqualsItsScalarForm() => Gen.Select(Images, Gen.Byte).Sample((image, steps) => Same(
        image, planes => Hue.ShiftScalar(planes, steps, 0), planes => Hue.Shift(planes, steps)));

    [Fact]
    public void BoxFilter_EqualsItsScalarForm() => Gen.Select(Images, Gen.Float[0, 2.5f]).Sample((image, sigma) =>
    {
        BoxBlurKernel kernel = BoxBlurKernel.ForSigma(sigma);
        int[] offsets = [.. Enumerable.Range(0, (2 * kernel.Radius) + 3)];
        int length = image.Pixels.Length - offsets.Length + 1;
        if (length <= 0)
            return;

        byte[] expected = new byte[length], actual = new byte[length];
        kernel.FilterScalar(image.Pixels, offsets, expected);
        kernel.Filter(image.Pixels, offsets, actual);
        Assert.Equal(expected, actual);
    });

    [Fact]
    public void HorizontalPass_EqualsItsScalarForm() =>
        Gen.Select(Images, Gen.Int[1, 70], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((image, count, a, b) =>
        {
            int left = (int)(Math.Min(a, b) * image.Width);
            int width = Math.Max((int)(Math.Max(a, b) * image.Width) - left, 1);
            left = Math.Min(left, image.Width - width);
            AxisWeights weights = new();
            weights.Compute(width, 0, width, count, 0, count);
            byte[] expected = new byte[3 * count * image.Height], actual = new byte[expected.Length];

            HorizontalPass.RunScalar(image, left, 0, image.Height, weights, expected);
            new HorizontalPass().Run(image, left, 0, image.Height, weights, actual);

            Assert.Equal(expected, actual);
        });

    [Fact]
    public void VerticalPass_EqualsItsScalarForm() =>
        Gen.Select(Images, Gen.Int[1, 70], Gen.Int[0, 1000]).Sample((image, count, pick) =>
        {
            AxisWeights weights = new();
            weights.Compute(image.Height, 0, image.Height, count, 0, count);
            int y = pick % count;
            ReadOnlySpan<byte> rows = image.Pixels[(weights.First[y] * image.RowBytes)..];
            ReadOnlySpan<int> taps = weights.Weights.Slice(y * weights.Taps, weights.Taps);
            taps = taps[..(taps.LastIndexOfAnyExcept(0) + 1)];
            byte[] expected = new byte[image.RowBytes], actual = new byte[image.RowBytes];

            VerticalPass.RunScalar(rows, image.RowBytes, taps, expected);
            VerticalPass.Run(rows, image.RowBytes, taps, actual);

            Assert.Equal(expected, actual);
        });

    [Fact]
    public void TensorWriter_DividesExactly() =>
        Gen.Select(Images, Gen.Float[0, 1], Gen.Float[0.01f, 2], Gen.Bool).Sample((image, mean, deviation, flip) =>
        {
            PlanarImage planes = image.ToPlanes();
            float[] tensor = new float[image.Pixels.Length];

            new TensorWriter(new Normalization((mean, 0, 0.485f), (deviation, 1, 0.229f))).Write(planes, flip, tensor);

            for (int i = 0; i < tensor.Length; i++)
            {
                int channel = i / planes.PlaneSize, y = i % planes.PlaneSize / image.Width, x = i % image.Width;
                float unit = planes.Plane(channel)[(y * image.Width) + (flip ? image.Width - 1 - x : x)] / 255f;
                float centred = unit - (channel == 0 ? mean : channel == 1 ? 0 : 0.485f);
                Assert.Equal(centred / (channel == 0 ? deviation : channel == 1 ? 1 : 0.229f), tensor[i]);
            }
        });

    [Fact]
    public void TensorWriter_UsesLanesForThePublishedConstants()
    {
        Assert.SkipUnless(ByteLanes.IsSupported, "This processor has no AVX2.");
        Normalization[] published = [Normalization.ImageNet, Normalization.Cifar10, Normalization.None];
        foreach (Normalization n in published)
        {
            Assert.True(new TensorWriter.Channel(n.Mean.R, n.StandardDeviation.R).LanesAreExact);
            Assert.True(new TensorWriter.Channel(n.Mean.G, n.StandardDeviation.G).LanesAreExact);
            Assert.True(new TensorWriter.Channel(n.Mean.B, n.StandardDeviation.B).LanesAreExact);
        }
    }

    private static void Same(RgbImage image, Action<PlanarImage> scalar, Action<PlanarImage> lanes)
    {
        PlanarImage expected = image.ToPlanes(), actual = image.ToPlanes();
        scalar(expected);
        lanes(actual);
        Assert.Equal(expected.All.ToArray(), actual.All.ToArray());
    }
}
