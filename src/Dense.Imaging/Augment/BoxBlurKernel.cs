namespace Dense.Imaging;

/// <summary>
/// One of the three equal box filters that Pillow makes a Gaussian of (P-94): the pixels at most <see cref="Radius"/>
/// away weigh <see cref="Inner"/>, the two next ones <see cref="Edge"/>, in units of 2⁻²⁴.
/// </summary>
/// <param name="Radius">r, at least 0.</param>
/// <param name="Inner">ww.</param>
/// <param name="Edge">fw.</param>
internal readonly record struct BoxBlurKernel(int Radius, uint Inner, uint Edge)
{
    private const int Passes = 3;

    /// <summary>The radius before it is split, ρ.</summary>
    /// <param name="sigma">Standard deviation in pixels.</param>
    public static float FractionalRadius(float sigma)
    {
        float variance = sigma * sigma / Passes;
        float length = (float)Math.Sqrt((12.0 * variance) + 1.0);
        float whole = MathF.Floor((length - 1) / 2);
        float numerator = ((2 * whole) + 1) * ((whole * (whole + 1)) - (3 * variance));
        float denominator = 6 * (variance - ((whole + 1) * (whole + 1)));
        return whole + (numerator / denominator);
    }

    /// <summary>The filter for a standard deviation.</summary>
    public static BoxBlurKernel ForSigma(float sigma)
    {
        float rho = FractionalRadius(sigma);
        int radius = (int)rho;
        uint inner = (uint)((1 << 24) / ((2 * rho) + 1));
        uint edge = (uint)(((1 << 24) - (((2L * radius) + 1) * inner)) / 2);
        return new BoxBlurKernel(radius, inner, edge);
    }
}
