using Dense.Detection.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// The targets of SOLOv2 as M-89 to M-98 write them down: per level, all masks of the level are summed for their
/// centres and reduced to a quarter, and each positive cell gets a mask of its own. Masks go through tensor
/// operations, objects through a loop.
/// </summary>
internal static class DirectSoloTargets
{
    /// <summary>The masks of the positives of one level: P×h×w, and the cell of each.</summary>
    public sealed record Level(Tensor Masks, IReadOnlyList<int> Cells);

    /// <summary>Assigns the objects of an image.</summary>
    /// <param name="masks">n×H×W, uint8, 0 or 1.</param>
    /// <param name="boxes">x1, y1, x2, y2 of each object.</param>
    /// <param name="extent">Height and width of the padded image.</param>
    /// <param name="settings">Grids, scale ranges and σ.</param>
    public static IReadOnlyList<Level> Of(
        Tensor masks, float[] boxes, (int Height, int Width) extent, SoloV2Settings settings) =>
        [.. settings.Grids.Select((grid, level) =>
            Assign(masks, boxes, extent, grid, settings.ScaleRanges[level], (float)settings.Sigma))];

    private static Level Assign(
        Tensor masks, float[] boxes, (int Height, int Width) extent, int grid, (int Low, int High) range, float sigma)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] own =
            [.. Enumerable.Range(0, (int)masks.shape[0]).Where(k => InRange(boxes, k, range)).Select(k => (long)k)];
        List<Tensor> targets = [];
        List<int> cells = [];
        if (own.Length > 0)
        {
            Tensor chosen = masks.index_select(0, tensor(own));
            (Tensor x, Tensor y) = Centres(chosen);
            Tensor quarters = Quarter(chosen);
            for (int i = 0; i < own.Length; i++)
            {
                int k = (int)own[i];
                float width = boxes[4 * k + 2] - boxes[4 * k], height = boxes[4 * k + 3] - boxes[4 * k + 1];
                var (centre, half) =
                    ((x[i].item<float>(), y[i].item<float>()), (0.5f * width * sigma, 0.5f * height * sigma));
                foreach (int cell in Cells(centre, half, extent, grid))
                {
                    Tensor target = zeros([extent.Height / 4, extent.Width / 4], ScalarType.Byte);
                    target.narrow(0, 0, quarters.shape[1]).narrow(1, 0, quarters.shape[2]).copy_(quarters[i]);
                    targets.Add(target);
                    cells.Add(cell);
                }
            }
        }

        Tensor all = targets.Count == 0 ? zeros([0], ScalarType.Byte) : stack(targets);
        return new Level(all.MoveToOuterDisposeScope(), cells);
    }

    // M-89, M-90.
    private static bool InRange(float[] boxes, int k, (int Low, int High) range)
    {
        float size = MathF.Sqrt((boxes[4 * k + 2] - boxes[4 * k]) * (boxes[4 * k + 3] - boxes[4 * k + 1]));
        return size >= range.Low && size <= range.High;
    }

    // M-91.
    private static (Tensor X, Tensor Y) Centres(Tensor masks)
    {
        Tensor values = masks.to(ScalarType.Float32);
        Tensor count = values.sum([2]).sum([1]).clamp_min(1e-6);
        Tensor columns = arange(masks.shape[2], ScalarType.Float32), rows = arange(masks.shape[1], ScalarType.Float32);
        return ((values * columns).sum([2]).sum([1]) / count, (values * rows.unsqueeze(1)).sum([2]).sum([1]) / count);
    }

    // M-97, M-98.
    private static Tensor Quarter(Tensor masks)
    {
        var (top, bottom, upper, lower) = Axis(masks.shape[1]);
        var (left, right, near, far) = Axis(masks.shape[2]);
        Tensor Line(Tensor rows)
        {
            Tensor line = masks.index_select(1, rows).to(ScalarType.Int32);
            Tensor mixed = line.index_select(2, left) * near + line.index_select(2, right) * far;
            return mixed.bitwise_right_shift(tensor(4));
        }

        Tensor sum = (Line(top) * upper.unsqueeze(1)).bitwise_right_shift(tensor(16))
            + (Line(bottom) * lower.unsqueeze(1)).bitwise_right_shift(tensor(16));
        return (sum + 2).bitwise_right_shift(tensor(2)).to(ScalarType.Byte);
    }

    // Both neighbours of each sample along an axis and their weights in 1/2048.
    private static (Tensor First, Tensor Second, Tensor FirstWeight, Tensor SecondWeight) Axis(long length)
    {
        int count = (int)Math.Floor(length * 0.25 + 0.5);
        double step = 1 / ((double)count / length);
        float[] centres = [.. Enumerable.Range(0, count).Select(d => (float)((d + 0.5) * step - 0.5))];
        float[] fractions = [.. centres.Select(c => c - MathF.Floor(c))];
        return (
            tensor(centres.Select(c => (long)MathF.Floor(c)).ToArray()),
            tensor(centres.Select(c => (long)MathF.Floor(c) + 1).ToArray()),
            tensor(fractions.Select(f => (int)MathF.Round((1 - f) * 2048)).ToArray()),
            tensor(fractions.Select(f => (int)MathF.Round(f * 2048)).ToArray()));
    }

    // M-92 to M-94.
    private static IEnumerable<int> Cells(
        (float X, float Y) centre, (float X, float Y) half, (int Height, int Width) extent, int grid)
    {
        (int top, int bottom) = Span(centre.Y, half.Y, extent.Height, grid);
        (int left, int right) = Span(centre.X, half.X, extent.Width, grid);
        return Enumerable.Range(top, bottom - top + 1)
            .SelectMany(i => Enumerable.Range(left, right - left + 1).Select(j => i * grid + j));
    }

    private static (int First, int Last) Span(float centre, float half, int extent, int grid)
    {
        int own = Cell(centre, extent, grid);
        return (
            Math.Max(Math.Max(0, Cell(centre - half, extent, grid)), own - 1),
            Math.Min(Math.Min(grid - 1, Cell(centre + half, extent, grid)), own + 1));
    }

    private static int Cell(float value, int extent, int grid)
    {
        float a = value / extent, d = (float)(1.0 / grid), rest = a % d;
        return (int)MathF.Round((a - rest) / d) - (a < 0 && rest != 0 ? 1 : 0);
    }
}
