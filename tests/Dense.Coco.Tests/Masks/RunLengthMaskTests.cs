using CsCheck;
using Dense.Coco.Masks;

namespace Dense.Coco.Tests.Masks;

public class RunLengthMaskTests
{
    private static readonly Gen<byte> Bit = Gen.Int[0, 2].Select(i => (byte)(i / 2));

    private static readonly Gen<(int Height, int Width, byte[] Pixels)> AnyPixels =
        from height in Gen.Int[1, 20]
        from width in Gen.Int[1, 20]
        from pixels in Gen.Int[0, 4].Select(i => new byte[] { 0, 0, 1, 1, 255 }[i]).Array[height * width]
        select (height, width, pixels);

    [Fact]
    public void Polygons_EqualTheSpecificationWrittenDownNaively()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            (int height, int width) = (random.Next(1, 40), random.Next(1, 40));
            double step = new[] { 1, 0.5, 0.1, 0.01, 1e-9 }[random.Next(5)];
            double reach = random.Next(10) == 0 ? 4000 : 70;
            double[] polygon =
            [
                .. Enumerable.Range(0, 2 * random.Next(3, 9))
                    .Select(_ => Math.Round((random.NextDouble() - 0.3) * reach / step) * step),
            ];

            uint[] counts = RunLengthMask.FromPolygons(height, width, [polygon]).ToCounts();

            Assert.True(NaivePolygon.Counts(polygon, height, width).SequenceEqual(counts),
                $"{height}x{width}: {string.Join(", ", polygon)}");
        }
    }

    [Fact]
    public void FarCoordinates_CostNoMoreThanTheImage()
    {
        RunLengthMask mask = RunLengthMask.FromPolygons(
            10, 10, [[-3.9e8, -3.9e8, 3.9e8, -3.9e8, 3.9e8, 3.9e8, -3.9e8, 3.9e8]]);

        Assert.Equal([0u, 100u], mask.ToCounts());
    }

    [Fact]
    public void EncodingAndDecoding_AreInverse() => AnyPixels.Sample(p =>
    {
        byte[] expected = [.. p.Pixels.Select(v => (byte)(v == 0 ? 0 : 1))];
        RunLengthMask rows = RunLengthMask.FromRowMajor(p.Height, p.Width, p.Pixels);
        RunLengthMask columns = RunLengthMask.FromColumnMajor(p.Height, p.Width, p.Pixels);

        Assert.Equal(expected, rows.ToRowMajor());
        Assert.Equal(expected, columns.ToColumnMajor());
        Assert.Equal(rows.ToCounts(), RunLengthMask.Parse(p.Height, p.Width, rows.ToText()).ToCounts());
        Assert.Equal(expected.Sum(v => v), rows.Area);
    });

    [Fact]
    public void UnionIntersectionAndOverlap_EqualThoseOfThePixels() =>
        (from height in Gen.Int[1, 12]
         from width in Gen.Int[1, 12]
         from a in Bit.Array[height * width]
         from b in Bit.Array[height * width]
         select (height, width, a, b)).Sample(p =>
        {
            RunLengthMask a = RunLengthMask.FromColumnMajor(p.height, p.width, p.a);
            RunLengthMask b = RunLengthMask.FromColumnMajor(p.height, p.width, p.b);
            byte[] both = [.. p.a.Zip(p.b, (x, y) => (byte)(x & y))], either =
                [.. p.a.Zip(p.b, (x, y) => (byte)(x | y))];

            Assert.Equal(RunLengthMask.FromColumnMajor(p.height, p.width, either).ToCounts(), RunLengthMask.Union(a, b)
                .ToCounts());
            Assert.Equal(RunLengthMask.FromColumnMajor(p.height, p.width, both).ToCounts(),
                RunLengthMask.Intersection(a, b).ToCounts());
            double shared = both.Sum(v => v);
            Assert.Equal(shared == 0 ? 0 : shared / either.Sum(v => v), RunLengthMask.Iou(a, b, isCrowd: false));
            Assert.Equal(shared == 0 ? 0 : shared / a.Area, RunLengthMask.Iou(a, b, isCrowd: true));
        });

    [Theory]
    [InlineData(new uint[] { 0, 1, 2, 3 }, "0122")]
    [InlineData(new uint[] { 5, 300, 4, 299, 4, 301 }, @"5\94O02")]
    [InlineData(new uint[] { 100000 }, "PeQ3")]
    [InlineData(new uint[] { 6, 1, 40, 4, 5, 4, 5, 4, 21 }, "61X13mN000`0")]
    public void Text_IsThatOfTheSpecification(uint[] counts, string text)
    {
        Assert.Equal(text, RunLengthMask.FromCounts(1000, 1000, counts).ToText());
        Assert.Equal(counts, RunLengthMask.Parse(1000, 1000, text).ToCounts());
    }

    [Fact]
    public void RunsShorterThanTheMask_LeaveBackground()
    {
        RunLengthMask mask = RunLengthMask.FromCounts(2, 3, [1, 2]);

        Assert.Equal([0, 1, 1, 0, 0, 0], mask.ToColumnMajor());
        Assert.Equal(new BoxXywh(0, 0, 2, 2), mask.TightBox);
    }

    [Fact]
    public void MasksOfDifferentSizes_HaveNoOverlapAndCannotBeMerged()
    {
        RunLengthMask small = RunLengthMask.FromCounts(2, 2, [0, 4]), large = RunLengthMask.FromCounts(3, 3, [0, 9]);

        Assert.Equal(-1, RunLengthMask.Iou(small, large, isCrowd: false));
        Assert.Contains("different sizes",
            Assert.Throws<CocoFormatException>(() => RunLengthMask.Union(small, large)).Message);
    }

    [Fact]
    public void RunsThatOverrunTheMask_AreRefused()
    {
        Assert.Throws<CocoFormatException>(() => RunLengthMask.FromCounts(2, 2, [3, 2]));
        Assert.Throws<CocoFormatException>(() => RunLengthMask.FromCounts(2, 2, [uint.MaxValue, uint.MaxValue]));
        Assert.Throws<CocoFormatException>(() => RunLengthMask.Parse(2, 2, "32"));
        Assert.Throws<CocoFormatException>(() => RunLengthMask.Parse(70_000, 70_000, "0"));
    }
}
