namespace Dense.Imaging;

/// <summary>
/// Turns 8-bit planes into normalised float32 planes: (v / 255 − mean) / deviation, every operation rounded (P-95). Mirrors
/// on the way when asked.
/// </summary>
internal sealed class TensorWriter
{
    private readonly float[][] _tables;

    /// <summary>Prepares the 256 possible results of each channel.</summary>
    public TensorWriter(Normalization normalization)
    {
        (float r, float g, float b) = normalization.Mean;
        (float sr, float sg, float sb) = normalization.StandardDeviation;
        _tables = [Table(r, sr), Table(g, sg), Table(b, sb)];

        static float[] Table(float mean, float deviation)
        {
            float[] table = new float[256];
            for (int v = 0; v < 256; v++)
            {
                float unit = v / 255f;
                float centred = unit - mean;
                table[v] = centred / deviation;
            }

            return table;
        }
    }

    /// <summary>Writes an image as 3 × Height × Width floats.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="flip">Whether each row is mirrored.</param>
    /// <param name="tensor">Receives R, then G, then B, row by row.</param>
    public void Write(PlanarImage image, bool flip, Span<float> tensor)
    {
        int width = image.Width;
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<byte> plane = image.Plane(channel);
            Span<float> target = tensor.Slice(channel * plane.Length, plane.Length);
            for (int at = 0; at < plane.Length; at += width)
            {
                ReadOnlySpan<byte> row = plane.Slice(at, width);
                Span<float> output = target.Slice(at, width);
                if (flip)
                    WriteMirrored(row, _tables[channel], output);
                else
                    WriteStraight(row, _tables[channel], output);
            }
        }
    }

    private static void WriteStraight(ReadOnlySpan<byte> row, float[] table, Span<float> output)
    {
        for (int x = 0; x < row.Length; x++)
            output[x] = table[row[x]];
    }

    private static void WriteMirrored(ReadOnlySpan<byte> row, float[] table, Span<float> output)
    {
        for (int x = 0; x < row.Length; x++)
            output[row.Length - 1 - x] = table[row[x]];
    }
}
