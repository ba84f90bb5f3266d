namespace Dense.Detection.Tests.Masks;

/// <summary>The formulas of M-91 and M-98 pixel by pixel.</summary>
internal static class DirectMaskTarget
{
    public static MaskTarget Of(byte[] mask, int height, int width)
    {
        long area = 0, sumX = 0, sumY = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 0)
                continue;
            area++;
            sumX += i % width;
            sumY += i / width;
        }

        float divisor = Math.Max(area, 1e-6f);
        int rows = (int)Math.Floor(height * 0.25 + 0.5), columns = (int)Math.Floor(width * 0.25 + 0.5);
        byte[] quarter = new byte[rows * columns];
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
                quarter[y * columns + x] = Sample(mask, height, width, y, x, rows, columns);
        }

        return new MaskTarget(area, sumX / divisor, sumY / divisor, rows, columns, quarter);
    }

    private static byte Sample(byte[] mask, int height, int width, int y, int x, int rows, int columns)
    {
        var (top, bottom, upper, lower) = Axis(y, height, rows);
        var (left, right, near, far) = Axis(x, width, columns);
        int first = near * Pixel(top, left) + far * Pixel(top, right);
        int second = near * Pixel(bottom, left) + far * Pixel(bottom, right);
        return (byte)(((upper * (first >> 4) >> 16) + (lower * (second >> 4) >> 16) + 2) >> 2);

        int Pixel(int row, int column) => mask[row * width + column] == 0 ? 0 : 1;
    }

    private static (int First, int Second, int FirstWeight, int SecondWeight) Axis(int target, int length, int count)
    {
        double step = 1 / ((double)count / length);
        float centre = (float)((target + 0.5) * step - 0.5);
        int s = (int)Math.Floor(centre);
        float f = centre - s;
        if (s < 0)
            (s, f) = (0, 0);
        if (s >= length - 1)
            (s, f) = (length - 1, 0);
        return (s, Math.Min(s + 1, length - 1), Round((1 - f) * 2048), Round(f * 2048));
    }

    private static int Round(float value) => (int)Math.Round(value, MidpointRounding.ToEven);
}
