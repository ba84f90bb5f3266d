namespace Dense.Imaging;

/// <summary>Pillow's Gaussian blur: three box filters along the rows, then three along the columns (P-94).</summary>
internal sealed class GaussianBlur
{
    private const int Passes = 3;
    private byte[] _scratch = [];

    /// <summary>Blurs an image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="sigma">Standard deviation in pixels, at least 0.</param>
    public void Run(PlanarImage image, float sigma)
    {
        BoxBlurKernel kernel = BoxBlurKernel.ForSigma(sigma);
        int longest = Math.Max(image.Width, image.Height);
        if (_scratch.Length < longest)
            _scratch = new byte[longest];

        for (int channel = 0; channel < 3; channel++)
        {
            Span<byte> plane = image.Plane(channel);
            for (int y = 0; y < image.Height; y++)
                BlurLine(plane[(y * image.Width)..], image.Width, 1, kernel);
            for (int x = 0; x < image.Width; x++)
                BlurLine(plane[x..], image.Height, image.Width, kernel);
        }
    }

    private void BlurLine(Span<byte> line, int count, int stride, BoxBlurKernel kernel)
    {
        for (int pass = 0; pass < Passes; pass++)
        {
            for (int i = 0; i < count; i++)
                _scratch[i] = line[i * stride];
            for (int i = 0; i < count; i++)
                line[i * stride] = Filter(_scratch.AsSpan(0, count), i, kernel);
        }
    }

    private static byte Filter(ReadOnlySpan<byte> line, int at, BoxBlurKernel kernel)
    {
        uint inner = 0;
        for (int i = at - kernel.Radius; i <= at + kernel.Radius; i++)
            inner += line[Math.Clamp(i, 0, line.Length - 1)];
        uint edge = (uint)line[Math.Clamp(at - kernel.Radius - 1, 0, line.Length - 1)]
            + line[Math.Clamp(at + kernel.Radius + 1, 0, line.Length - 1)];
        return (byte)(((inner * kernel.Inner) + (edge * kernel.Edge) + (1u << 23)) >> 24);
    }
}
