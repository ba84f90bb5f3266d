using SkiaSharp;

namespace Dense.Imaging;

/// <summary>Turns decoded pixels upright.</summary>
internal static class ExifOrientation
{
    /// <summary>Copies an image so that it stands as its EXIF tag says.</summary>
    /// <param name="source">The pixels as stored.</param>
    /// <param name="origin">Which corner of the stored pixels is the picture's top left one.</param>
    /// <param name="destination">Receives the upright picture; not the source.</param>
    public static void Apply(RgbImage source, SKEncodedOrigin origin, RgbImage destination)
    {
        int w = source.Width, h = source.Height;
        bool turned = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop
            or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        destination.Reshape(turned ? h : w, turned ? w : h);

        ReadOnlySpan<byte> from = source.Pixels;
        for (int y = 0; y < destination.Height; y++)
        {
            Span<byte> row = destination.Row(y);
            for (int x = 0; x < destination.Width; x++)
            {
                (int sx, int sy) = origin switch
                {
                    SKEncodedOrigin.TopRight => (w - 1 - x, y),
                    SKEncodedOrigin.BottomRight => (w - 1 - x, h - 1 - y),
                    SKEncodedOrigin.BottomLeft => (x, h - 1 - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, h - 1 - x),
                    SKEncodedOrigin.RightBottom => (w - 1 - y, h - 1 - x),
                    SKEncodedOrigin.LeftBottom => (w - 1 - y, x),
                    _ => (x, y),
                };
                from.Slice(((sy * w) + sx) * 3, 3).CopyTo(row[(3 * x)..]);
            }
        }
    }
}
