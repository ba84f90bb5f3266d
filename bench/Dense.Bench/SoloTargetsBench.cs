using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;

namespace Dense.Bench;

/// <summary>
/// SOLOv2's targets of one image, from masks to positives (M-89 to M-98), against the direct form: each mask looked at
/// pixel by pixel once per level, and one copy of the reduced mask per positive (KF-16).
/// </summary>
internal static class SoloTargetsBench
{
    private const int Rounds = 7;
    private const int Height = 800, Width = 1333, PaddedWidth = 1344;
    private const int Objects = 20;

    /// <summary>Measures alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        var settings = new SoloV2Settings();
        (float[] boxes, RunLengthMask[] masks) = Scene();
        byte[][] pixels = [.. masks.Select(m => m.ToRowMajor())];
        int[] classes = new int[Objects];

        int Ours(Func<MaskTargetBuilder, int, MaskTarget> build)
        {
            var builder = new MaskTargetBuilder(Height, Width);
            var truth = new GroundTruth(
                boxes, classes, [.. Enumerable.Range(0, Objects).Select(k => build(builder, k))]);
            return SoloTargets.Of(truth, (Height, PaddedWidth), settings).Positives;
        }

        int positives = 0, copies = 0;
        List<double> runs = [], dense = [], direct = [];
        for (int round = -1; round < Rounds; round++)
        {
            double a = CpuClock.Seconds(() => positives = Ours((builder, k) => builder.Build(masks[k])));
            double b = CpuClock.Seconds(() => positives = Ours((builder, k) => builder.Build(pixels[k])));
            double c = CpuClock.Seconds(() => copies = Direct(boxes, pixels, classes, settings).Count);
            if (round < 0)
                continue;
            runs.Add(a);
            dense.Add(b);
            direct.Add(c);
        }

        if (positives != copies)
            throw new InvalidOperationException($"{positives} positives, the direct form finds {copies}.");

        double peer = 1000 * CpuClock.Median(direct);
        foreach (var (what, times) in new[] { ("run-length masks", runs), ("pixels", dense) })
        {
            double own = 1000 * CpuClock.Median(times);
            yield return new BenchResult(
                $"SOLOv2 targets from {what}", $"{own:F2} ms", $"direct form: {peer:F1} ms", $"{peer / own:F0}",
                $"{Height}x{Width}, {Objects} objects, {positives} positives, 1 thread, CPU time, "
                    + $"median of {Rounds} rounds");
        }
    }

    // Per level and object: centre and reduced mask from all pixels; per positive: a copy over the padded batch.
    private static List<byte[]> Direct(float[] boxes, byte[][] masks, int[] classes, SoloV2Settings settings)
    {
        const int Rows = Height / 4, Columns = PaddedWidth / 4;
        List<byte[]> copies = [];
        for (int level = 0; level < settings.Grids.Count; level++)
        {
            for (int k = 0; k < masks.Length; k++)
            {
                // One object on one level, so that the assignment itself is the same.
                SoloV2Settings single = settings with
                {
                    Grids = [settings.Grids[level]],
                    ScaleRanges = [settings.ScaleRanges[level]],
                };
                MaskTarget target = LookAtEveryPixel(masks[k]);
                var truth = new GroundTruth(boxes[(4 * k)..(4 * k + 4)], [classes[k]], [target]);
                foreach (int _ in SoloTargets.Of(truth, (Height, PaddedWidth), single).Levels[0].Cells)
                {
                    byte[] copy = new byte[Rows * Columns];
                    for (int y = 0; y < target.QuarterHeight; y++)
                    {
                        target.Quarter.AsSpan(y * target.QuarterWidth, target.QuarterWidth)
                            .CopyTo(copy.AsSpan(y * Columns));
                    }

                    copies.Add(copy);
                }
            }
        }

        return copies;
    }

    private static MaskTarget LookAtEveryPixel(byte[] mask)
    {
        long area = 0;
        double sumX = 0, sumY = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                byte value = mask[y * Width + x];
                area += value;
                sumX += x * value;
                sumY += y * value;
            }
        }

        byte[] quarter = new byte[Height / 4 * (Width / 4)];
        double step = (double)Width / (Width / 4);
        for (int y = 0; y < Height / 4; y++)
        {
            for (int x = 0; x < Width / 4; x++)
            {
                double centre = (x + 0.5) * step - 0.5;
                int left = (int)centre, at = (4 * y + 1) * Width + left;
                double part = centre - left;
                double sum = (mask[at] + mask[at + Width]) * (1 - part) + (mask[at + 1] + mask[at + Width + 1]) * part;
                quarter[y * (Width / 4) + x] = sum >= 1 ? (byte)1 : (byte)0;
            }
        }

        return new MaskTarget(area, (float)(sumX / area), (float)(sumY / area), Height / 4, Width / 4, quarter);
    }

    // Ellipses of 30 to 500 pixels.
    private static (float[] Boxes, RunLengthMask[] Masks) Scene()
    {
        var random = new Random(5);
        var boxes = new List<float>();
        var masks = new RunLengthMask[Objects];
        for (int k = 0; k < Objects; k++)
        {
            double size = 30 * Math.Pow(500 / 30.0, random.NextDouble());
            double x = size / 2 + random.NextDouble() * (Width - size);
            double y = size / 2 + random.NextDouble() * (Height - size);
            double[] outline = [.. Enumerable.Range(0, 48).SelectMany(i => new[]
            {
                x + size / 2 * Math.Cos(i * Math.PI / 24),
                y + size / 2 * Math.Sin(i * Math.PI / 24),
            })];
            masks[k] = RunLengthMask.FromPolygons(Height, Width, [outline]);
            boxes.AddRange(
                [(float)(x - size / 2), (float)(y - size / 2), (float)(x + size / 2), (float)(y + size / 2)]);
        }

        return ([.. boxes], masks);
    }
}
