namespace Dense.Imaging.Tests.Randomness;

public sealed class TorchvisionRandomTests
{
    // P-100: the first five entries of the reference sampler's permutation.
    [Theory]
    [InlineData(118287, 0u, new[] { 30995, 23804, 90055, 97743, 107229 })]
    [InlineData(118287, 799u, new[] { 74063, 35388, 47856, 11991, 114513 })]
    [InlineData(1281167, 3u, new[] { 624704, 124707, 1267194, 1077010, 292439 })]
    public void Permutation_BeginsAsTheReferenceSamplers(int length, uint epoch, int[] first)
    {
        TorchvisionRandom random = new(epoch);
        int[] permutation = new int[length];

        random.NextPermutation(permutation);

        Assert.Equal(first, permutation[..first.Length]);
        Assert.Equal(length, permutation.Distinct().Count());
    }

    [Fact]
    public void BlurUnit_IsNumPysUniform()
    {
        TorchvisionRandom random = new(torchSeed: 1, numpySeed: 0);

        // P-98: seed 0, first value in (0.1, 2.0).
        Assert.Equal(1.142745657461917, 0.1 + (1.9 * random.NextBlurUnit()));
    }

    [Fact]
    public void View_DrawsInTheReferencesOrder()
    {
        TorchvisionRandom random = new(7, 0), replay = new(7, 0);
        ViewParameters view = ViewSampler.Draw(ViewSettings.DenseCl, 640, 480, ref random);

        // P-97, one draw after the other.
        double area = 640 * 480 * (double)replay.NextUniform(new Interval(0.2, 1));
        double ratio = MathF.Exp(replay.NextUniform(new Interval(MathF.Log(0.75f), MathF.Log(4f / 3))));
        int width = (int)Math.Round(Math.Sqrt(area * ratio)), height = (int)Math.Round(Math.Sqrt(area / ratio));
        int top = replay.NextInteger(480 - height + 1), left = replay.NextInteger(640 - width + 1);
        Assert.Equal(new PixelBox(left, top, width, height), view.Crop);

        bool jitter = replay.NextUnit() <= 0.8f;
        Assert.Equal(jitter, view.Jitter is not null);
        if (jitter)
        {
            int[] order = new int[4];
            replay.NextPermutation(order);
            ColorJitter drawn = view.Jitter!.Value;
            Assert.Equal(
                order.Select(o => (JitterOperation)o), [drawn.First, drawn.Second, drawn.Third, drawn.Fourth]);
            Assert.Equal(replay.NextUniform(new Interval(0.6, 1.4)), drawn.Brightness);
            Assert.Equal(replay.NextUniform(new Interval(0.6, 1.4)), drawn.Contrast);
            Assert.Equal(replay.NextUniform(new Interval(0.6, 1.4)), drawn.Saturation);
            Assert.Equal(replay.NextUniform(new Interval(-0.1, 0.1)), drawn.Hue);
        }

        Assert.Equal(replay.NextUnit() < 0.2f, view.Grayscale);
        bool blur = replay.NextUnit() <= 0.5f;
        Assert.Equal(blur ? 0.1 + (1.9 * replay.NextBlurUnit()) : null, view.BlurSigma);
        Assert.Equal(replay.NextUnit() < 0.5f, view.Flip);
    }
}
