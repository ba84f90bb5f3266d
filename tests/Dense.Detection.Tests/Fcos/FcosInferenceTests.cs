using System.Text.Json;
using Dense.Detection.Fcos;
using Dense.Detection.Settings;
using Dense.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.Fcos;

[LeakCheck]
public sealed class FcosInferenceTests
{
    private const string File = "infer";

    public static TheoryData<string, string> Variants() => FcosCase.Variants(File, "infer_variants");

    [Theory]
    [MemberData(nameof(Variants))]
    [Trait("Category", "Golden")]
    public void Detections_OfTheReferencesOutputsEqualTheReference(string name, string variant)
    {
        using DisposeScope scope = NewDisposeScope();
        var golden = new FcosCase(name);
        GoldenArrays arrays = golden.Arrays(File);
        JsonElement? options = variant.Length == 0
            ? null
            : golden.Facts.GetProperty("infer_variants").GetProperty(variant).GetProperty("options");
        FcosLevel[] levels = GoldenLevels.Read(arrays);
        InputImage[] images =
            [.. FcosCase.Names(golden.Facts.GetProperty(File).GetProperty("images")).Select(golden.Image)];
        var compatibility = new CompatibilitySettings { ShiftedClassNms = true };

        IReadOnlyList<FcosDetections> found = new FcosInference(golden.Settings(options).Fcos, compatibility)
            .Detect(levels, [.. images.Select(i => (i.Height, i.Width))]);

        for (int i = 0; i < images.Length; i++)
        {
            string prefix = variant.Length == 0 ? "" : $"variant.{variant}.";
            if (arrays.Names.Contains($"{prefix}raw{i}.scores"))
                DetectionMatch.Equal(DetectionMatch.Read(arrays, $"{prefix}raw{i}"), found[i], withLocations: false);

            FcosDetections final = found[i].InOriginal(
                (images[i].Height, images[i].Width), (images[i].OriginalHeight, images[i].OriginalWidth));
            FcosDetections expected = DetectionMatch.Read(arrays, $"{prefix}det{i}");
            DetectionMatch.Equal(expected, final, arrays.Names.Contains($"{prefix}det{i}.locations"));
        }
    }

    [Fact]
    public void TiesAtTheLastPlaceAllStay()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 1, side: 12);
        level.Logits.fill_(1);
        level.Distances.fill_(0.25);
        level.Quality.fill_(0);
        level.Logits[0, 0, 3, 4] = 2;

        FcosDetections found = Detect(Settings with { DetectionsPerImage = 100 }, level);

        Assert.Equal(144, found.Count);
        Assert.Equal((4 * 8 + 4f, 3 * 8 + 4f), (found.Locations[0], found.Locations[1]));
        Assert.Equal([4, 4, 12, 4], found.Locations[2..6]);
    }

    [Fact]
    public void TheThresholdIsPutToTheProbabilityUnlessQualityIsToCount()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 2, side: 2);
        level.Logits[0, 1, 1, 0] = 0.0; // σ = 0.5
        level.Quality.fill_(-2.0); // σ = 0.119

        FcosDetections found = Detect(Settings with { ScoreThreshold = 0.4 }, level);

        Assert.Equal([1], found.Classes);
        Assert.Equal(0, Detect(Settings with { ScoreThreshold = 0.4, ThresholdWithQuality = true }, level).Count);
        Assert.Equal(0, Detect(Settings with { ScoreThreshold = 0.5 }, level).Count);
    }

    [Fact]
    public void ALocationMayYieldSeveralClasses_AndOnlyTheBestCandidatesOfALevelCount()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 3, side: 2);
        level.Logits[0, 0, 0, 1] = 3.0;
        level.Logits[0, 2, 0, 1] = 2.0;
        level.Logits[0, 1, 1, 1] = 1.0;

        Assert.Equal([0, 2, 1], Detect(Settings, level).Classes);
        Assert.Equal([0, 2], Detect(Settings with { CandidatesPerLevel = 2 }, level).Classes);
    }

    // KF-1: a box beyond the image takes a place among the detections in the reference's order.
    [Fact]
    public void BoxesOutsideTheImage_TakePlacesUnlessClippedFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 1, side: 4);
        level.Distances.fill_(0.25);
        level.Logits[0, 0, 3, 3] = 3.0; // Around (28, 28), outside a 16×16 image.
        level.Logits[0, 0, 0, 0] = 2.0;
        FcosSettings one = Settings with { DetectionsPerImage = 1 };

        FcosDetections reference = Detect(one, level, (16, 16)).InOriginal((16, 16), (16, 16));
        FcosDetections clipped =
            Detect(one with { ClipsBeforeNms = true }, level, (16, 16)).InOriginal((16, 16), (16, 16));

        Assert.Equal(0, reference.Count);
        Assert.Equal([2, 2, 6, 6], clipped.Boxes);
    }

    // M-13: whoever compares only passes over NaN, and clips what is infinite.
    [Theory]
    [InlineData(float.NaN, 1f, "a score of NaN")]
    [InlineData(3f, float.NaN, "a box of NaN")]
    [InlineData(3f, float.PositiveInfinity, "a box of -Infinity")]
    public void PredictionsThatAreNotFinite_AreAnError(float logit, float distance, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 2, side: 3);
        level.Logits[0, 1, 2, 1] = logit;
        level.Distances[0, 0, 2, 1] = distance;

        var e = Assert.Throws<NotFiniteNumberException>(() => Detect(Settings, level));

        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void DistancesOfLocationsThatSeeNothing_MayBeAnything()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 2, side: 3);
        level.Distances.fill_(float.NaN);

        Assert.Equal(0, Detect(Settings, level).Count);
    }

    // KF-7: boxes left of and above the image.
    [Fact]
    public void ShiftedClassesCouple_OnlyInCompatibilityMode()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel level = Level(classes: 2, side: 102);
        SetBox(level, 0, y: 93, x: 93, 3.0, [748 - 700, 748 - 700, 800 - 748, 800 - 748]);
        SetBox(level, 1, y: 0, x: 0, 2.0, [105, 105, -5, -5]);

        Assert.Equal([0, 1], Detect(Settings, level).Classes);
        Assert.Equal([0], Detect(Settings, level, shifted: true).Classes);
    }

    [Fact]
    public void ImagesOfABatchAreIndependent()
    {
        using DisposeScope scope = NewDisposeScope();
        FcosLevel a = Level(classes: 2, side: 3), b = Level(classes: 2, side: 3);
        a.Logits[0, 1, 2, 1] = 1.0;
        var both = new FcosLevel(
            cat([a.Logits, b.Logits], 0), cat([a.Distances, b.Distances], 0), cat([a.Quality, b.Quality], 0));

        IReadOnlyList<FcosDetections> found =
            new FcosInference(Settings, new CompatibilitySettings()).Detect([both], [(24, 24), (24, 24)]);

        Assert.Equal([1], found[0].Classes);
        Assert.Equal([12, 20], found[0].Locations);
        Assert.Equal(0, found[1].Count);
        Assert.Empty(found[1].Boxes);
    }

    private static FcosSettings Settings { get; } =
        new() { InFeatures = ["p3"], Strides = [8], SizesOfInterest = [], NmsThreshold = 0.6 };

    // Nothing is there: every probability is below 0.05.
    private static FcosLevel Level(int classes, int side) =>
        new(full([1, classes, side, side], -9f), ones(1, 4, side, side), zeros(1, 1, side, side));

    private static void SetBox(FcosLevel level, int number, int y, int x, double logit, float[] pixels)
    {
        level.Logits[0, number, y, x] = logit;
        for (int side = 0; side < 4; side++)
            level.Distances[0, side, y, x] = pixels[side] / 8;
    }

    private static FcosDetections Detect(
        FcosSettings settings, FcosLevel level, (int Height, int Width)? size = null, bool shifted = false) =>
        new FcosInference(settings, new CompatibilitySettings { ShiftedClassNms = shifted })
            .Detect([level], [size ?? (800, 800)])[0];
}
