using SkiaSharp;

namespace Dense.Imaging;

/// <summary>
/// Draws on an image: lines, boxes, polygons, masks, circles, labels. Coordinates are in pixels with (0, 0) at the top
/// left corner of the top left pixel. What was drawn is in the image after <see cref="Dispose"/>.
/// </summary>
public sealed class Canvas : IDisposable
{
    private const int LabelMargin = 2;

    private readonly RgbImage _image;
    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly SKPaint _paint = new() { IsAntialias = true };

    /// <summary>Begins to draw.</summary>
    /// <param name="image">At least one pixel; unchanged until <see cref="Dispose"/>.</param>
    public Canvas(RgbImage image)
    {
        _bitmap = ImageEncoder.ToBitmap(image);
        _image = image;
        _canvas = new SKCanvas(_bitmap);
    }

    /// <summary>Draws a straight line.</summary>
    public void Line(float fromX, float fromY, float toX, float toY, RgbColor color, float thickness = 2) =>
        _canvas.DrawLine(fromX, fromY, toX, toY, Stroke(color, thickness));

    /// <summary>Draws the outline of a box given by its edges.</summary>
    public void Box(float left, float top, float right, float bottom, RgbColor color, float thickness = 2) =>
        _canvas.DrawRect(new SKRect(left, top, right, bottom), Stroke(color, thickness));

    /// <summary>Fills a box given by its edges.</summary>
    public void FillBox(float left, float top, float right, float bottom, RgbColor color) =>
        _canvas.DrawRect(new SKRect(left, top, right, bottom), Fill(color));

    /// <summary>Draws a circle.</summary>
    public void Circle(float x, float y, float radius, RgbColor color, float thickness = 2) =>
        _canvas.DrawCircle(x, y, radius, Stroke(color, thickness));

    /// <summary>Fills a circle.</summary>
    public void FillCircle(float x, float y, float radius, RgbColor color) =>
        _canvas.DrawCircle(x, y, radius, Fill(color));

    /// <summary>Fills a polygon; where it crosses itself, the even-odd rule decides.</summary>
    /// <param name="points">
    /// The corners in order; the last is joined to the first. Fewer than three draw nothing.
    /// </param>
    /// <param name="color">The colour.</param>
    public void FillPolygon(ReadOnlySpan<(float X, float Y)> points, RgbColor color)
    {
        if (points.Length < 3)
            return;

        using SKPath path = new() { FillType = SKPathFillType.EvenOdd };
        path.MoveTo(points[0].X, points[0].Y);
        foreach ((float x, float y) in points[1..])
            path.LineTo(x, y);
        path.Close();
        _canvas.DrawPath(path, Fill(color));
    }

    /// <summary>Tints the pixels of a mask; those outside the image are ignored.</summary>
    /// <param name="mask">
    /// One byte for each pixel of <paramref name="place"/>, row by row; 0 is outside the mask.
    /// </param>
    /// <param name="place">Where the mask lies.</param>
    /// <param name="color">The tint; its alpha says how strong.</param>
    public void FillMask(ReadOnlySpan<byte> mask, PixelBox place, RgbColor color)
    {
        if (mask.Length != (long)place.Width * place.Height)
            throw new ArgumentException($"{mask.Length} mask values do not fill {place}.", nameof(mask));

        _canvas.Flush();
        Span<byte> pixels = _bitmap.GetPixelSpan();
        for (int i = 0; i < mask.Length; i++)
        {
            int x = place.Left + (i % place.Width), y = place.Top + (i / place.Width);
            if (mask[i] == 0 || x < 0 || y < 0 || x >= _bitmap.Width || y >= _bitmap.Height)
                continue;

            Span<byte> pixel = pixels.Slice(((y * _bitmap.Width) + x) * 4, 3);
            pixel[0] = Mix(pixel[0], color.R, color.Alpha);
            pixel[1] = Mix(pixel[1], color.G, color.Alpha);
            pixel[2] = Mix(pixel[2], color.B, color.Alpha);
        }

        _bitmap.NotifyPixelsChanged();

        static byte Mix(int below, int above, int alpha) =>
            (byte)(((above * alpha) + (below * (255 - alpha)) + 127) / 255);
    }

    /// <summary>Writes text.</summary>
    /// <param name="x">Left edge of the first character.</param>
    /// <param name="y">Upper edge.</param>
    /// <param name="text">Printable ASCII; other characters show as question marks.</param>
    /// <param name="color">The ink.</param>
    /// <param name="scale">Pixels for each dot of the five by seven font.</param>
    public void Text(int x, int y, string text, RgbColor color, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(text);
        SKPaint paint = Fill(color);
        paint.IsAntialias = false;
        for (int i = 0; i < text.Length; i++)
        {
            int left = x + (i * BitmapFont.Advance * scale);
            for (int dot = 0; dot < BitmapFont.Width * BitmapFont.Height; dot++)
            {
                int dx = dot % BitmapFont.Width, dy = dot / BitmapFont.Width;
                if (BitmapFont.IsInk(text[i], dx, dy))
                    _canvas.DrawRect(left + (dx * scale), y + (dy * scale), scale, scale, paint);
            }
        }
    }

    /// <summary>
    /// Writes text on a filled background, in black or white, whichever can be read. Moved so that it lies within the
    /// image where it fits.
    /// </summary>
    /// <param name="x">Left edge of the background.</param>
    /// <param name="y">Its upper edge.</param>
    /// <param name="text">Printable ASCII; other characters show as question marks.</param>
    /// <param name="background">The background.</param>
    /// <param name="scale">Pixels for each dot of the five by seven font.</param>
    public void Label(float x, float y, string text, RgbColor background, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(text);
        (int width, int height) = LabelSize(text, scale);
        int left = Math.Max(Math.Min((int)x, _image.Width - width), 0);
        int top = Math.Max(Math.Min((int)y, _image.Height - height), 0);
        FillBox(left, top, left + width, top + height, background);
        Text(left + (LabelMargin * scale), top + (LabelMargin * scale), text, background.ReadableInk(), scale);
    }

    /// <summary>Size in pixels of a label with its background.</summary>
    public static (int Width, int Height) LabelSize(string text, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(text);
        int dots = Math.Max((text.Length * BitmapFont.Advance) - 1, 0);
        return ((dots + (2 * LabelMargin)) * scale, (BitmapFont.Height + (2 * LabelMargin)) * scale);
    }

    /// <summary>Puts what was drawn into the image.</summary>
    public void Dispose()
    {
        _canvas.Flush();
        PixelLayout.DropAlpha(_bitmap.GetPixelSpan(), _image);
        _paint.Dispose();
        _canvas.Dispose();
        _bitmap.Dispose();
    }

    private SKPaint Stroke(RgbColor color, float thickness)
    {
        SKPaint paint = Fill(color);
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = thickness;
        return paint;
    }

    private SKPaint Fill(RgbColor color)
    {
        _paint.IsAntialias = true;
        _paint.Style = SKPaintStyle.Fill;
        _paint.Color = new SKColor(color.R, color.G, color.B, color.Alpha);
        return _paint;
    }
}
