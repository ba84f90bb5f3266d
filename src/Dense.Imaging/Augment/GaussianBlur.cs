namespace Dense.Imaging;

/// <summary>Pillow's Gaussian blur: three box filters along the rows, then three along the columns (P-94).</summary>
internal sealed class GaussianBlur
{
    private byte[] _lineA = [], _lineB = [];
    private byte[] _planeA = [], _planeB = [];
    private int[] _offsets = [];

    /// <summary>Blurs an image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="sigma">Standard deviation in pixels, at least 0.</param>
    public void Run(PlanarImage image, float sigma)
    {
        BoxBlurKernel kernel = BoxBlurKernel.ForSigma(sigma);
        int reach = kernel.Radius + 1;
        Reserve(image, reach);
        for (int channel = 0; channel < 3; channel++)
        {
            Span<byte> plane = image.Plane(channel);
            for (int y = 0; y < image.Height; y++)
                BlurRow(plane.Slice(y * image.Width, image.Width), kernel, reach);

            BlurColumns(plane, _planeA, image.Width, image.Height, kernel);
            BlurColumns(_planeA, _planeB, image.Width, image.Height, kernel);
            BlurColumns(_planeB, plane, image.Width, image.Height, kernel);
        }
    }

    private void Reserve(PlanarImage image, int reach)
    {
        int line = image.Width + (2 * reach);
        if (_lineA.Length < line)
            (_lineA, _lineB) = (new byte[line], new byte[line]);
        if (_planeA.Length < image.PlaneSize)
            (_planeA, _planeB) = (new byte[image.PlaneSize], new byte[image.PlaneSize]);
        if (_offsets.Length < (2 * reach) + 1)
            _offsets = new int[(2 * reach) + 1];
    }

    // Three passes over one row that is continued at both ends by its border pixels.
    private void BlurRow(Span<byte> row, BoxBlurKernel kernel, int reach)
    {
        Span<byte> a = _lineA.AsSpan(0, row.Length + (2 * reach)), b = _lineB.AsSpan(0, a.Length);
        Span<int> offsets = _offsets.AsSpan(0, (2 * reach) + 1);
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = i;

        row.CopyTo(a[reach..]);
        Continue(a, reach);
        kernel.Filter(a, offsets, b.Slice(reach, row.Length));
        Continue(b, reach);
        kernel.Filter(b, offsets, a.Slice(reach, row.Length));
        Continue(a, reach);
        kernel.Filter(a, offsets, row);
    }

    private static void Continue(Span<byte> line, int reach)
    {
        line[..reach].Fill(line[reach]);
        line[^reach..].Fill(line[^(reach + 1)]);
    }

    // One pass along the columns: each row is combined from the rows around it, border rows repeated.
    private void BlurColumns(ReadOnlySpan<byte> source, Span<byte> target, int width, int height, BoxBlurKernel kernel)
    {
        int reach = kernel.Radius + 1;
        Span<int> offsets = _offsets.AsSpan(0, (2 * reach) + 1);
        for (int y = 0; y < height; y++)
        {
            for (int i = 0; i < offsets.Length; i++)
                offsets[i] = Math.Clamp(y - reach + i, 0, height - 1) * width;
            kernel.Filter(source, offsets, target.Slice(y * width, width));
        }
    }
}
