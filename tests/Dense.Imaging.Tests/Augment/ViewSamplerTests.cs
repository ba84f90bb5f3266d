using System.Text.Json;
using CsCheck;

namespace Dense.Imaging.Tests.Augment;

public sealed class ViewSamplerTests
{
    [Fact]
    [Trait("Category", "Golden")]
    public void ResizedCrop_EqualsTorchvisionsOnEveryRow()
    {
        using JsonDocument file = GoldenImages.Json(GoldenImages.Augment, "random_resized_crop.json");
        int rows = 0;
        foreach (JsonElement row in file.RootElement.GetProperty("rows").EnumerateArray())
        {
            ReplayRandom random = new([.. row.GetProperty("draws").EnumerateArray().Select(d => d.GetDouble())]);

            PixelBox box = ViewSampler.DrawResizedCrop(
                Range(row.GetProperty("scale")), Range(row.GetProperty("ratio")),
                row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32(), ref random);

            PixelBox expected = new(
                row.GetProperty("left").GetInt32(), row.GetProperty("top").GetInt32(),
                row.GetProperty("crop_width").GetInt32(), row.GetProperty("crop_height").GetInt32());
            Assert.Equal(expected, box);
            Assert.True(random.IsUsedUp, row.GetRawText());
            rows++;
        }

        Assert.True(rows > 0);
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void JitterFactors_EqualTorchvisionsOnEveryRow()
    {
        using JsonDocument file = GoldenImages.Json(GoldenImages.Augment, "color_jitter_params.json");
        int rows = 0;
        foreach (JsonElement row in file.RootElement.GetProperty("rows").EnumerateArray())
        {
            ColorJitterSettings settings = new(
                Number(row, "brightness"), Number(row, "contrast"), Number(row, "saturation"), Number(row, "hue"));

            // The order comes from another generator there: three integers that leave the operations as they are.
            double[] draws = [0, 0, 0, .. row.GetProperty("draws").EnumerateArray().Select(d => d.GetDouble())];
            ReplayRandom random = new(draws);
            ColorJitter jitter = ViewSampler.DrawJitter(settings, ref random);

            JsonElement factors = row.GetProperty("factors");
            AssertNear(factors, "brightness", jitter.Brightness);
            AssertNear(factors, "contrast", jitter.Contrast);
            AssertNear(factors, "saturation", jitter.Saturation);
            AssertNear(factors, "hue", jitter.Hue);
            rows++;
        }

        Assert.True(rows > 0);
    }

    [Fact]
    public void Crop_LiesWithinTheImageWhateverItsShape() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 3000], Gen.Long[0, 1000]).Sample((width, height, sample) =>
        {
            SampleRandom random = new(0, 0, sample, 0);
            return ViewSampler.Draw(ViewSettings.Supervised, width, height, ref random).Crop.FitsInto(width, height);
        });

    [Fact]
    public void PaddedCrop_StaysWithinTheBorder() => Gen.Long[0, 100_000].Sample(sample =>
    {
        SampleRandom random = new(0, 0, sample, 0);
        PixelBox crop = ViewSampler.Draw(ViewSettings.Cifar10, 32, 32, ref random).Crop;
        return crop is { Width: 32, Height: 32, Left: >= -4 and <= 4, Top: >= -4 and <= 4 };
    });

    [Fact]
    public void Gates_OpenAsOftenAsTheSettingsSay()
    {
        const int Views = 20_000;
        int jitter = 0, gray = 0, blur = 0, flip = 0;
        for (int i = 0; i < Views; i++)
        {
            SampleRandom random = new(0, 0, i, 0);
            ViewParameters view = ViewSampler.Draw(ViewSettings.DenseCl, 500, 375, ref random);
            jitter += view.Jitter is null ? 0 : 1;
            gray += view.Grayscale ? 1 : 0;
            blur += view.BlurSigma is null ? 0 : 1;
            flip += view.Flip ? 1 : 0;
            Assert.False(view.Solarize);
        }

        // Four standard deviations of a binomial share are at most 0.0142.
        Assert.Equal(0.8, (double)jitter / Views, 0.0142);
        Assert.Equal(0.2, (double)gray / Views, 0.0142);
        Assert.Equal(0.5, (double)blur / Views, 0.0142);
        Assert.Equal(0.5, (double)flip / Views, 0.0142);
    }

    [Fact]
    public void MoCoV1_JittersAlwaysAndNeverBlurs()
    {
        for (int i = 0; i < 100; i++)
        {
            SampleRandom random = new(0, 0, i, 0);
            ViewParameters view = ViewSampler.Draw(ViewSettings.MoCoV1, 500, 375, ref random);
            Assert.NotNull(view.Jitter);
            Assert.Null(view.BlurSigma);
        }
    }

    private static void AssertNear(JsonElement factors, string name, float? actual)
    {
        // The golden README asks for 1e-6: the reference stores float32.
        if (factors.TryGetProperty(name, out JsonElement expected) && expected.ValueKind == JsonValueKind.Number)
            Assert.Equal(expected.GetDouble(), actual!.Value, 1e-6);
        else
            Assert.Null(actual);
    }

    private static Interval Range(JsonElement pair) => new(pair[0].GetDouble(), pair[1].GetDouble());

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();

    /// <summary>Hands out given units in [0, 1).</summary>
    private struct ReplayRandom(double[] draws) : IRandomSource
    {
        private int _next;

        public readonly bool IsUsedUp => _next == draws.Length;

        public float NextUnit() => (float)draws[_next++];

        public int NextInteger(int count) => (int)(draws[_next++] * count);

        public double NextBlurUnit() => draws[_next++];
    }
}
