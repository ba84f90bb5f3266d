using System.Text.Json;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;

namespace Dense.Detection.Tests.SoloV2;

public class SoloTargetsTests
{
    private const string Manifest = "targets_only.json";

    // Pixels; the reference's sums beyond 2^24 are rounded in an order that differs between devices (M-91).
    private const double CentreRounding = 1e-4;

    private static readonly SoloV2Settings Settings = new();

    public static TheoryData<string> LargeCases => SoloGolden.Names(Manifest);

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(LargeCases))]
    public void Targets_EqualTheReference(string name)
    {
        JsonElement entry = SoloGolden.Entry(Manifest, name);
        GroundTruth truth = SoloGolden.Truth(entry);
        JsonElement quarter = entry.GetProperty("mask_feature_size");
        var extent = (4 * quarter[0].GetInt32(), 4 * quarter[1].GetInt32());

        SoloTargets targets = SoloTargets.Of(truth, extent, Settings);

        ExpectedTargets.AssertEqual(
            new GoldenArrays(SoloGolden.Path("targets_only.safetensors")), $"{name}.img0", truth, targets);
        Assert.Equal(Numbers(entry.GetProperty("mask_area")), truth.Masks!.Select(m => (double)m.Area));
        foreach (var (centre, mask) in entry.GetProperty("mass_centres").EnumerateArray().Zip(truth.Masks!))
        {
            double[] expected = Numbers(centre);
            Assert.InRange(mask.CentreX, expected[0] - CentreRounding, expected[0] + CentreRounding);
            Assert.InRange(mask.CentreY, expected[1] - CentreRounding, expected[1] + CentreRounding);
        }
    }

    [Fact]
    public void Targets_AreBackgroundWithoutObjects()
    {
        SoloTargets targets = SoloTargets.Of(GroundTruth.Empty, (96, 128), Settings);

        Assert.Equal((0, 0), (targets.Positives, targets.Marked));
        Assert.All(targets.Levels, level => Assert.All(level.Categories, c => Assert.Equal(80, c)));
    }

    [Theory]
    [InlineData(0.9f, 0)] // Smaller than the first range.
    [InlineData(1f, 1)] // Exactly on its lower end.
    [InlineData(47f, 1)]
    [InlineData(48f, 2)] // Two ranges overlap; both ends belong to them.
    [InlineData(96f, 3)]
    [InlineData(97f, 2)]
    [InlineData(2048f, 1)]
    [InlineData(2049f, 0)]
    public void Object_IsOnEveryLevelWhoseRangeHoldsItsSize(float side, int levels)
    {
        var truth = new GroundTruth([0, 0, side, side], [5], [Mask(1, 0, 0)]);

        SoloTargets targets = SoloTargets.Of(truth, (4096, 4096), Settings);

        Assert.Equal(levels, targets.Levels.Count(level => level.Cells.Length > 0));
    }

    [Fact]
    public void Object_WithoutPixelsIsSkipped()
    {
        var truth = new GroundTruth([0, 0, 60, 60], [5], [Mask(0, 0, 0)]);

        Assert.Equal(0, SoloTargets.Of(truth, (128, 128), Settings).Positives);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ContestedCell_GoesToTheLastObjectUnlessTheSmallestOwnsIt(bool smallest)
    {
        var truth = new GroundTruth(
            [10, 10, 50, 50, 10, 10, 50, 50, 10, 10, 50, 50], [3, 4, 5],
            [Mask(500, 30, 30), Mask(400, 30, 30), Mask(900, 30, 30)]);

        SoloLevelTargets level = SoloTargets.Of(
            truth, (128, 128), Settings with { Options = new() { SmallestOwnsCell = smallest } }).Levels[0];

        Assert.Equal(smallest ? [1] : [0, 1, 2], level.Objects.Distinct());
        Assert.Equal(smallest ? [4] : [5], level.Categories.Where(c => c < 80).Distinct());
        Assert.Equal(level.Cells.Distinct().Count(), level.Marked);
        Assert.Equal(smallest ? level.Marked : 3 * level.Marked, level.Cells.Length);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void VanishedMask_IsTrainedUnlessDropped(bool drop, int levels)
    {
        var truth = new GroundTruth([10, 10, 12, 12], [3], [Mask(1, 11, 11) with { Quarter = new byte[4] }]);

        SoloTargets targets = SoloTargets.Of(
            truth, (128, 128), Settings with { Options = new() { DropVanishedMasks = drop } });

        Assert.Equal(levels, targets.Levels.Count(level => level.Cells.Length > 0));
    }

    [Theory]
    [InlineData(416f, 832, 36, 17)] // 0.5 in float32 divided by float32(1/36) is just below 18.
    [InlineData(416f, 832, 40, 19)]
    [InlineData(416f, 832, 16, 8)]
    [InlineData(-1f, 832, 16, -1)]
    [InlineData(0f, 832, 16, 0)]
    public void Cell_IsAFloorOfFloat32Operands(float value, int extent, int grid, int expected) =>
        Assert.Equal(expected, GridCells.Cell(value, extent, grid));

    [Fact]
    public void Targets_RefuseObjectsWithoutMasksAndUnknownClasses()
    {
        var noMasks = new GroundTruth([0, 0, 9, 9], [1], null);
        var badClass = new GroundTruth([0, 0, 9, 9], [80], [Mask(9, 4, 4)]);

        Assert.Contains(
            "MASK_ON", Assert.Throws<ArgumentException>(() => SoloTargets.Of(noMasks, (32, 32), Settings)).Message);
        Assert.Contains(
            "NUM_CLASSES",
            Assert.Throws<ArgumentException>(() => SoloTargets.Of(badClass, (32, 32), Settings)).Message);
    }

    private static MaskTarget Mask(long area, float x, float y) => new(area, x, y, 2, 2, [1, 1, 1, 1]);

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
