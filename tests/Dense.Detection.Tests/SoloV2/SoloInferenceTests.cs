using System.Text.Json;
using Dense.Coco.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

[LeakCheck]
public class SoloInferenceTests
{
    public static TheoryData<string> Variants
    {
        get
        {
            string path = Path.Combine(Golden.Root, "detection", "solov2", "small", "facts.json");
            if (!File.Exists(path))
                return [Golden.Absent];

            JsonElement infer = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("infer");
            string[] names = [.. infer.GetProperty("variants").EnumerateObject().Select(v => v.Name)];
            return ["", .. names];
        }
    }

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Variants))]
    public void Detections_EqualTheReference(string variant)
    {
        SoloGolden.Path("small", variant == Golden.Absent ? variant : "infer.safetensors");
        using DisposeScope scope = NewDisposeScope();
        JsonElement infer = SoloGolden.Json("small", "facts.json").GetProperty("infer");
        SoloV2Settings settings = variant.Length == 0
            ? new SoloV2Settings()
            : ExpectedDetections.WithOptions(
                new SoloV2Settings(), infer.GetProperty("variants").GetProperty(variant).GetProperty("options"));
        string path = SoloGolden.Path("small", "infer.safetensors");
        using SoloPredictions heads = SoloHeads.Read(path);
        var expected = new ExpectedDetections(path, SoloGolden.Path("small", "infer_masks_rle.json"));

        foreach ((int n, string image) in SoloHeads.Names(infer).Index())
        {
            ImageDetections ours = new SoloInference(settings, new CompatibilitySettings()).Run(
                heads, n, SoloHeads.Size(image), SoloHeads.Input(image));

            expected.AssertEqual(variant.Length == 0 ? $"result.{image}" : $"variant.{variant}.{image}", ours);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Boxes_LieTightAroundTheFinalMasksUnlessZerosAreAskedFor(bool zero)
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 8, left: 12, side: 6);

        ImageDetections found = heads.Detect(new CompatibilitySettings { ZeroSoloV2Boxes = zero });

        RunLengthMask mask = Assert.Single(found.Masks!);
        Assert.Equal([3], found.Classes);
        Assert.Equal(zero ? [0f, 0, 0, 0] : Corners(mask), found.Boxes);
        Assert.True(zero || found.Boxes is [< 50, < 34, > 70, > 54]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MaskInALowImageBesideATallOne_IsWhereTheObjectIsUnlessTheReferencesFactorIsAskedFor(bool reference)
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 192, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 4, left: 4, side: 8);

        ImageDetections found = heads.Detect(
            new CompatibilitySettings { ReferenceUpsampling = reference }, size: (96, 128));

        // Rows 16 to 48 of 96; the factor is ⌈96 / 48⌉ = 2 in the reference (KF-6).
        var box = Assert.Single(found.Masks!).TightBox;
        Assert.InRange(box.Y, reference ? 7 : 15, reference ? 9 : 17);
        Assert.InRange(box.Y + box.Height, reference ? 23 : 47, reference ? 25 : 49);
    }

    [Theory]
    [InlineData(0.01, 6, 0)] // No category is likely enough.
    [InlineData(0.9, 2, 0)] // 4 pixels, not more than the stride, 8.
    [InlineData(0.9, 0, 0)] // No pixel at all.
    [InlineData(0.9, 3, 1)]
    public void NothingIsFound_WhenNoCandidateIsLeft(double probability, int side, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 8, left: 12, side: side, probability);

        ImageDetections found = heads.Detect();

        Assert.Equal(count, found.Count);
        Assert.Equal((4 * count, count, count), (found.Boxes.Length, found.Classes.Length, found.Masks!.Count));
    }

    [Fact]
    public void NothingIsFound_WhenNoScoreSurvivesTheSuppression()
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 8, left: 12, side: 6);

        Assert.Equal(0, heads.Detect(settings: heads.Settings with { UpdateThreshold = 0.99 }).Count);
    }

    [Fact]
    public void Detections_AreTheBestHundredOfMoreThanFiveHundredCandidates()
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 160, width: 160);
        for (int i = 0; i < 600; i++)
        {
            // Neighbouring cells and overlapping masks are of different classes, so that few suppress each other.
            heads.Square(
                level: 0, cell: i, category: i % 80, top: i / 20, left: i % 20, side: 5, probability: 0.2 + i * 0.001);
        }

        ImageDetections few = heads.Detect(settings: heads.Settings with { CandidatesBeforeNms = 30 });
        ImageDetections found = heads.Detect();

        Assert.Equal((30, 100), (few.Count, found.Count));
        Assert.Equal(found.Scores.OrderDescending(), found.Scores);
        Assert.Equal(few.Scores, found.Scores.Take(30));
        Assert.True(found.Scores[^1] > 0.65);
    }

    [Fact]
    public void EqualScores_StayInTheOrderOfTheCells()
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        for (int i = 0; i < 12; i++)
            heads.Square(level: 0, cell: 2 * i, category: (7 * i) % 12, top: 8, left: 12, side: 6);

        ImageDetections found = heads.Detect();

        Assert.Equal(Enumerable.Range(0, 12).Select(i => (7 * i) % 12), found.Classes);
    }

    [Theory]
    [InlineData(null, 12)]
    [InlineData(5, 5)]
    public void CandidateLimit_KeepsTheLikeliestCategories(int? limit, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        for (int i = 0; i < 12; i++)
            heads.Square(level: 0, cell: 2 * i, category: i, top: 8, left: 12, side: 6, probability: 0.4 + 0.01 * i);

        ImageDetections found = heads.Detect(
            settings: heads.Settings with { Options = new() { CandidateLimit = limit } });

        Assert.Equal(Enumerable.Range(12 - count, count).Reverse(), found.Classes);
    }

    // M-13: whoever compares only finds nothing.
    [Theory]
    [InlineData(double.NaN, 1f, "a score of NaN")]
    [InlineData(0.9, float.NaN, "a mask of NaN")]
    public void PredictionsThatAreNotFinite_AreAnError(double probability, float filling, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 8, left: 12, side: 6, probability, filling);

        var e = Assert.Throws<NotFiniteNumberException>(() => heads.Detect());

        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Mask_HasTheSizeOfTheOriginalFile()
    {
        using DisposeScope scope = NewDisposeScope();
        using SyntheticHeads heads = new(height: 96, width: 128);
        heads.Square(level: 0, cell: 5, category: 3, top: 8, left: 12, side: 6);

        ImageDetections found = heads.Detect(size: (90, 121), original: (47, 333));

        RunLengthMask mask = Assert.Single(found.Masks!);
        Assert.Equal((47, 333), (mask.Height, mask.Width));
        Assert.True(mask.Area > 0);
    }

    private static float[] Corners(RunLengthMask mask)
    {
        var box = mask.TightBox;
        return [(float)box.X, (float)box.Y, (float)(box.X + box.Width), (float)(box.Y + box.Height)];
    }
}
