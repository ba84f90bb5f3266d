namespace Dense.Detection.Fcos;

/// <summary>The pixels that the locations of a pyramid level stand for (M-48).</summary>
internal static class FcosLocations
{
    /// <summary>The coordinate of column or row <paramref name="index"/>.</summary>
    public static float Pixel(int index, int stride) => index * stride + stride / 2;
}
