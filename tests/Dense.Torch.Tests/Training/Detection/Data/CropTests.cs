using CsCheck;
using Dense.Coco;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Imaging;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Mapping;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class CropTests
{
    // Parity of E-116.
    private const double AreaTolerance = 1e-6;

    [Theory]
    [InlineData(CropKind.Relative, 0.5, 0.25, 15, 15, 10, 10)]
    [InlineData(CropKind.RelativeRange, 0.5, 0.25, 15, 30, 10, 40)]
    [InlineData(CropKind.Absolute, 12, 100, 12, 12, 40, 40)]
    [InlineData(CropKind.AbsoluteRange, 12, 35, 12, 30, 12, 35)]
    public void Crop_LiesInTheImageAndHasASizeThatIsAllowed(
        CropKind kind, double first, double second, int minHeight, int maxHeight, int minWidth, int maxWidth)
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, box: [30, 20, 10, 10]).Image(2);
        CropSettings settings = new() { Enabled = true, Kind = kind, Size = (first, second) };

        foreach (ImageRecord record in set.Read().Images)
        {
            PixelBox[] crops = Draw(record, settings, 300);

            Assert.All(crops, c => Assert.True(c.FitsInto(40, 30)));
            Assert.Equal((minHeight, maxHeight), (crops.Min(c => c.Height), crops.Max(c => c.Height)));
            Assert.Equal((minWidth, maxWidth), (crops.Min(c => c.Width), crops.Max(c => c.Width)));
        }
    }

    [Fact]
    public void Crop_HoldsTheCentreOfAnObject()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, box: [31, 21, 6, 6]);
        CropSettings settings = new() { Enabled = true, Kind = CropKind.Absolute, Size = (8, 9) };

        PixelBox[] crops = Draw(set.Read().Images[0], settings, 300);

        Assert.All(crops, c => Assert.InRange(34, c.Left, c.Left + c.Width));
        Assert.All(crops, c => Assert.InRange(24, c.Top, c.Top + c.Height));
        Assert.Equal(Enumerable.Range(25, 7), crops.Select(c => c.Left).Distinct().Order());
    }

    [Fact]
    public void Crop_GrowsUntilItCutsNoObjectWhenThatIsAskedFor()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, box: [2, 2, 9.5, 9]).Object(1, box: [10, 8, 12, 5]).Object(1, box: [30, 20, 9, 9]);
        CropSettings settings = new() { Enabled = true, Kind = CropKind.Absolute, Size = (6, 6), CutsObjects = false };
        (double X1, double Y1, double X2, double Y2)[] boxes = [(2, 2, 11.5, 11), (10, 8, 22, 13), (30, 20, 39, 29)];

        Assert.All(Draw(set.Read().Images[0], settings, 300), crop => Assert.All(boxes, b =>
        {
            bool apart = b.X2 <= crop.Left || b.X1 >= crop.Left + crop.Width
                || b.Y2 <= crop.Top || b.Y1 >= crop.Top + crop.Height;
            bool inside = b.X1 >= crop.Left && b.X2 <= crop.Left + crop.Width
                && b.Y1 >= crop.Top && b.Y2 <= crop.Top + crop.Height;
            Assert.True(apart || inside, $"{b} in {crop}");
        }));
    }

    [Fact]
    public void CutPolygon_HasTheAreaOfThePolygonInTheWindow() => Gen.Select(
        Gen.Double[-20, 60], Gen.Double[-20, 60], Gen.Double[3, 40], Gen.Int[3, 12], Gen.Int[1, 30], Gen.Int[1, 30])
        .Sample(
            (x, y, radius, points, width, height) =>
            {
                double[] polygon = Star(x, y, radius, points);
                var window = new PixelBox(5, 7, width, height);

                double area = PolygonCrop.Cut([polygon], window).Sum(Area);

                Assert.Equal(Area(Clipped(polygon, window)), area, AreaTolerance);
            },
            iter: 500,
            threads: 1);

    [Fact]
    public void CutPolygon_ThatCrossesItselfOrTouchesOnlyTheEdgeGivesNoError()
    {
        var window = new PixelBox(0, 0, 10, 10);

        Assert.Empty(PolygonCrop.Cut([[10, 2, 20, 2, 20, 8, 10, 8]], window));
        Assert.Empty(PolygonCrop.Cut([[1, 1, 5, 5, 1, 1]], window));
        Assert.True(PolygonCrop.Cut([[1, 1, 8, 8, 8, 1, 1, 8]], window).Sum(Area) > 0);
    }

    [Fact]
    public void Boxes_AreThoseOfTheCutMasks()
    {
        using var set = new SmallSet();
        set.Image(1, 40, 40);
        for (int i = 0; i < 3; i++)
        {
            double[] square = [4 + (10 * i), 4, 14 + (10 * i), 4, 14 + (10 * i), 34, 4 + (10 * i), 34];
            set.Object(1, box: [4 + (10 * i), 4, 10, 30], shape: new[] { square });
        }

        DetectionDataSettings settings = new()
        {
            MinSizeTrain = [0],
            MaskOn = true,
            MaskFormat = MaskFormat.Bitmask,
            Crop = new() { Enabled = true, Kind = CropKind.Absolute, Size = (17, 13) },
        };
        using var mapper = new DetectionMapper(settings);
        ImageRecord record = set.Read().Images[0];

        for (int position = 0; position < 50; position++)
        {
            GroundTruth truth = mapper.ForTraining(record, position).GroundTruth!;

            // The squares are cut to rectangles, which their boxes must fill.
            Assert.InRange(truth.Count, 1, 3);
            Assert.Equal(
                truth.Boxes.Chunk(4).Select(
                    b => ((long)((b[2] - b[0]) * (b[3] - b[1])), (b[0] + b[2] - 1) / 2, (b[1] + b[3] - 1) / 2)),
                truth.Masks!.Select(m => (m.Area, m.CentreX, m.CentreY)));
            Assert.All(truth.Masks!, m => Assert.Equal((4, 3), (m.QuarterHeight, m.QuarterWidth)));
        }
    }

    // A crop that is enlarged to the size of the image: whoever compares sizes only sees nothing to do (E-115).
    [Fact]
    public void RunLengthMask_IsCutWhereTheCropIsEnlargedToTheOldSize()
    {
        RunLengthMask mask = RunLengthMask.FromBox(40, 40, new BoxXywh(10, 10, 20, 20));
        var transform = new ImageTransform(new PixelBox(10, 10, 20, 20), 40, 40, Flip: false);

        Assert.Equal(1600, transform.MapMask(mask).Area);
        Assert.Same(mask, new ImageTransform(new PixelBox(0, 0, 40, 40), 40, 40, Flip: false).MapMask(mask));
    }

    private static PixelBox[] Draw(ImageRecord record, CropSettings settings, int count) =>
        [.. Enumerable.Range(0, count).Select(position =>
        {
            var random = new SampleRandom(1, 0, position, 0);
            return CropSampler.Draw(ref random, record, 30, 40, settings);
        })];

    private static double[] Star(double x, double y, double radius, int points) =>
        [.. Enumerable.Range(0, 2 * points).SelectMany(i =>
        {
            double angle = Math.PI * i / points, r = i % 2 == 0 ? radius : radius / 2;
            return new[] { x + (r * Math.Cos(angle)), y + (r * Math.Sin(angle)) };
        })];

    private static double Area(double[] p)
    {
        double twice = 0;
        for (int i = 0, j = p.Length - 2; i < p.Length; j = i, i += 2)
            twice += (p[j] * p[i + 1]) - (p[i] * p[j + 1]);

        return Math.Abs(twice) / 2;
    }

    // Sutherland and Hodgman, "Reentrant polygon clipping" (CACM 1974): bridges along the edges have no area.
    private static double[] Clipped(double[] polygon, PixelBox window)
    {
        List<(double X, double Y)> points = [.. polygon.Chunk(2).Select(p => (p[0], p[1]))];
        points = Half(points, p => p.X - window.Left);
        points = Half(points, p => window.Left + window.Width - p.X);
        points = Half(points, p => p.Y - window.Top);
        points = Half(points, p => window.Top + window.Height - p.Y);
        return [.. points.SelectMany(p => new[] { p.X, p.Y })];
    }

    private static List<(double X, double Y)> Half(
        List<(double X, double Y)> points, Func<(double X, double Y), double> inside)
    {
        List<(double, double)> kept = [];
        for (int i = 0; i < points.Count; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % points.Count]);
            (double da, double db) = (inside(a), inside(b));
            if (da >= 0)
                kept.Add(a);
            if (da >= 0 != db >= 0)
                kept.Add((a.X + ((b.X - a.X) * da / (da - db)), a.Y + ((b.Y - a.Y) * da / (da - db))));
        }

        return kept;
    }
}
