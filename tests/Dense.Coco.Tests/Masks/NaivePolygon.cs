namespace Dense.Coco.Tests.Masks;

/// <summary>
/// The polygon rasteriser of the specification (E-143) written down step by step, every fine point visited.
/// </summary>
internal static class NaivePolygon
{
    public static uint[] Counts(double[] xy, int height, int width)
    {
        List<(int U, int V)> points = FinePoints(xy);
        var positions = new List<uint>();
        for (int j = 1; j < points.Count; j++)
        {
            if (points[j].U == points[j - 1].U)
                continue;

            int column = points[j].U < points[j - 1].U ? points[j].U : points[j].U - 1;
            double xd = (column + 0.5) / 5 - 0.5;
            if (Math.Floor(xd) != xd || xd < 0 || xd > width - 1)
                continue;

            double yd = (Math.Min(points[j].V, points[j - 1].V) + 0.5) / 5 - 0.5;
            yd = Math.Ceiling(yd < 0 ? 0 : yd > height ? height : yd);
            positions.Add((uint)((int)xd * height + (int)yd));
        }

        positions.Add((uint)(height * width));
        positions.Sort();
        return Runs(positions);
    }

    private static List<(int U, int V)> FinePoints(double[] xy)
    {
        int k = xy.Length / 2;
        int[] x = [.. Enumerable.Range(0, k + 1).Select(j => (int)(5 * xy[2 * (j % k)] + 0.5))];
        int[] y = [.. Enumerable.Range(0, k + 1).Select(j => (int)(5 * xy[2 * (j % k) + 1] + 0.5))];
        var points = new List<(int, int)>();
        for (int j = 0; j < k; j++)
        {
            (int xs, int ys, int xe, int ye) = (x[j], y[j], x[j + 1], y[j + 1]);
            (int dx, int dy) = (Math.Abs(xe - xs), Math.Abs(ye - ys));
            bool flip = (dx >= dy && xs > xe) || (dx < dy && ys > ye);
            if (flip)
                (xs, ys, xe, ye) = (xe, ye, xs, ys);

            double s = dx >= dy ? (double)(ye - ys) / dx : (double)(xe - xs) / dy;
            for (int d = 0; d <= Math.Max(dx, dy); d++)
            {
                int t = flip ? Math.Max(dx, dy) - d : d;
                points.Add(dx >= dy ? (t + xs, (int)(ys + s * t + 0.5)) : ((int)(xs + s * t + 0.5), t + ys));
            }
        }

        return points;
    }

    private static uint[] Runs(List<uint> positions)
    {
        uint[] differences = [.. positions.Select((p, i) => i == 0 ? p : p - positions[i - 1])];
        var counts = new List<uint> { differences[0] };
        for (int j = 1; j < differences.Length; j++)
        {
            if (differences[j] > 0)
                counts.Add(differences[j]);
            else if (++j < differences.Length)
                counts[^1] += differences[j];
        }

        return [.. counts];
    }
}
