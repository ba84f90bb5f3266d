using CsCheck;
using Dense.Coco.Masks;
using Dense.Detection.Masks;
using Dense.Detection.Tests.SoloV2;

namespace Dense.Detection.Tests.Masks;

public class MaskTargetBuilderTests
{
    private const string Manifest = "nms_and_masks.json";

    public static TheoryData<string> QuarterCases => SoloGolden.Names(Manifest, "quarter_size_mask");

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(QuarterCases))]
    public void Builder_EqualsTheReferenceBitForBit(string name)
    {
        var size = SoloGolden.Entry(Manifest, name).GetProperty("in_size");
        int height = size[0].GetInt32(), width = size[1].GetInt32();
        var golden = new GoldenArrays(SoloGolden.Path("nms_and_masks.safetensors"));
        byte[] masks = golden.Bytes($"{name}.in").ToArray(), quarters = golden.Bytes($"{name}.out").ToArray();
        float[] x = golden.Floats($"{name}.center_x"), y = golden.Floats($"{name}.center_y");
        var builder = new MaskTargetBuilder(height, width);

        for (int i = 0; i < x.Length; i++)
        {
            byte[] mask = masks.AsSpan(i * height * width, height * width).ToArray();
            foreach (MaskTarget target in Both(builder, mask, height, width))
            {
                int quarter = target.Quarter.Length;
                Assert.Equal(quarters.AsSpan(i * quarter, quarter).ToArray(), target.Quarter);
                Assert.Equal((x[i], y[i]), (target.CentreX, target.CentreY));
            }
        }
    }

    [Fact]
    public void Builder_EqualsTheFormulaForEverySizeAndEveryMask() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 40], Gen.Int[0, int.MaxValue]).Sample(
            (height, width, blob, seed) =>
            {
                byte[] mask = Blobs(height, width, blob, new Random(seed));
                MaskTarget expected = DirectMaskTarget.Of(mask, height, width);
                foreach (MaskTarget target in Both(new MaskTargetBuilder(height, width), mask, height, width))
                {
                    Assert.Equal(expected.Quarter, target.Quarter);
                    Assert.Equal(expected with { Quarter = target.Quarter }, target);
                }
            },
            iter: 3000);

    [Fact]
    public void Builder_ForgetsTheMaskBefore()
    {
        var builder = new MaskTargetBuilder(9, 14);

        builder.Build(Enumerable.Repeat((byte)1, 9 * 14).ToArray());
        MaskTarget target = builder.Build(new byte[9 * 14]);

        Assert.Equal((0L, 0f, 0f), (target.Area, target.CentreX, target.CentreY));
        Assert.All(target.Quarter, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Builder_TakesAnyValueButZeroAsTheObject()
    {
        byte[] ones = Blobs(30, 41, 12, new Random(3));
        byte[] others = [.. ones.Select(v => (byte)(v * 255))];
        var builder = new MaskTargetBuilder(30, 41);

        Assert.Equal(builder.Build(ones).Quarter, builder.Build(others).Quarter);
    }

    [Fact]
    public void Builder_RefusesAMaskOfAnotherSize()
    {
        var builder = new MaskTargetBuilder(8, 9);

        Assert.Contains("8x9", Assert.Throws<ArgumentException>(() => builder.Build(new byte[71])).Message);
        Assert.Contains(
            "9x8", Assert.Throws<ArgumentException>(() => builder.Build(RunLengthMask.FromCounts(9, 8, [72]))).Message);
    }

    private static MaskTarget[] Both(MaskTargetBuilder builder, byte[] mask, int height, int width) =>
        [builder.Build(mask), builder.Build(RunLengthMask.FromRowMajor(height, width, mask))];

    // Rectangles set and cleared in turn: runs of every length, touching borders and each other.
    private static byte[] Blobs(int height, int width, int count, Random random)
    {
        byte[] mask = new byte[height * width];
        for (int i = 0; i < count; i++)
        {
            int top = random.Next(height), left = random.Next(width);
            int bottom = random.Next(top, height) + 1, right = random.Next(left, width) + 1;
            for (int y = top; y < bottom; y++)
                mask.AsSpan(y * width + left, right - left).Fill((byte)((i + 1) % 2));
        }

        return mask;
    }
}
