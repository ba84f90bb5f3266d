using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>
/// Turns 8-bit planes into normalised float32 planes: (v / 255 − mean) / deviation, every operation rounded (P-95).
/// Mirrors on the way when asked.
/// </summary>
internal sealed unsafe class TensorWriter
{
    private readonly Channel[] _channels;

    /// <summary>Prepares the 256 possible results of each channel.</summary>
    public TensorWriter(Normalization normalization)
    {
        (float r, float g, float b) = normalization.Mean;
        (float sr, float sg, float sb) = normalization.StandardDeviation;
        _channels = [new Channel(r, sr), new Channel(g, sg), new Channel(b, sb)];
    }

    /// <summary>Writes an image as 3 × Height × Width floats.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="flip">Whether each row is mirrored.</param>
    /// <param name="tensor">Receives R, then G, then B, row by row.</param>
    public void Write(PlanarImage image, bool flip, Span<float> tensor)
    {
        int width = image.Width;
        for (int c = 0; c < _channels.Length; c++)
        {
            ReadOnlySpan<byte> plane = image.Plane(c);
            Span<float> target = tensor.Slice(c * plane.Length, plane.Length);
            if (!flip)
            {
                _channels[c].Write(plane, target);
                continue;
            }

            for (int at = 0; at < plane.Length; at += width)
                _channels[c].WriteMirrored(plane.Slice(at, width), target.Slice(at, width));
        }
    }

    /// <summary>The same with lighting: (v / 255 + offset − mean) / deviation (P-84).</summary>
    public void Write(PlanarImage image, bool flip, Lighting lighting, Span<float> tensor)
    {
        Span<float> table = stackalloc float[256];
        for (int c = 0; c < _channels.Length; c++)
        {
            ReadOnlySpan<byte> plane = image.Plane(c);
            Span<float> target = tensor.Slice(c * plane.Length, plane.Length);
            _channels[c].Fill(table, lighting.Offset(c));
            Channel.LookUp(table, plane, target);
            for (int at = 0; flip && at < plane.Length; at += image.Width)
                target.Slice(at, image.Width).Reverse();
        }
    }

    /// <summary>One channel's conversion.</summary>
    internal sealed class Channel
    {
        private readonly float[] _table = new float[256];
        private readonly float _mean, _deviation, _inverse;

        public Channel(float mean, float deviation)
        {
            (_mean, _deviation, _inverse) = (mean, deviation, 1 / deviation);
            Fill(_table, offset: 0);
            bool exact = true;
            for (int v = 0; v < _table.Length; v++)
            {
                float quotient = ByteLanes.Quotient(ByteLanes.Quotient(v, 255, 1 / 255f) - mean, deviation, _inverse);
                exact &= quotient == _table[v];
            }

            LanesAreExact = exact && ByteLanes.IsSupported;
        }

        /// <summary>Whether the lanes' arithmetic gives all 256 values of the table.</summary>
        public bool LanesAreExact { get; }

        /// <summary>Computes what becomes of each of the 256 values.</summary>
        /// <param name="table">Receives 256 results.</param>
        /// <param name="offset">Added to values in 0…1.</param>
        public void Fill(Span<float> table, float offset)
        {
            for (int v = 0; v < table.Length; v++)
            {
                float unit = v / 255f;
                float lit = unit + offset;
                float centred = lit - _mean;
                table[v] = centred / _deviation;
            }
        }

        /// <summary>Converts values by a table.</summary>
        public static void LookUp(ReadOnlySpan<float> table, ReadOnlySpan<byte> values, Span<float> output)
        {
            for (int x = 0; x < values.Length; x++)
                output[x] = table[values[x]];
        }

        /// <summary>Converts values by the table without lighting.</summary>
        internal void WriteScalar(ReadOnlySpan<byte> values, Span<float> output) => LookUp(_table, values, output);

        public void Write(ReadOnlySpan<byte> values, Span<float> output)
        {
            int done = 0;
            if (LanesAreExact)
            {
                _ = output[values.Length - 1];
                fixed (byte* v = values)
                fixed (float* o = output)
                {
                    for (; done <= values.Length - ByteLanes.Count; done += ByteLanes.Count)
                        Lanes(v + done).Store(o + done);
                }
            }

            WriteScalar(values[done..], output[done..]);
        }

        public void WriteMirrored(ReadOnlySpan<byte> values, Span<float> output)
        {
            int done = 0;
            if (LanesAreExact)
            {
                _ = output[values.Length - 1];
                Vector256<int> backwards = Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0);
                fixed (byte* v = values)
                fixed (float* o = output)
                {
                    for (; done <= values.Length - ByteLanes.Count; done += ByteLanes.Count)
                    {
                        Avx2.PermuteVar8x32(Lanes(v + done), backwards)
                            .Store(o + (values.Length - ByteLanes.Count - done));
                    }
                }
            }

            for (int x = done; x < values.Length; x++)
                output[values.Length - 1 - x] = _table[values[x]];
        }

        private Vector256<float> Lanes(byte* values)
        {
            Vector256<float> unit = ByteLanes.Quotient(ByteLanes.Load(values), 255, 1 / 255f);
            return ByteLanes.Quotient(Avx.Subtract(unit, Vector256.Create(_mean)), _deviation, _inverse);
        }
    }
}
