using System.Globalization;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Imaging;

namespace Dense.Training.Detection.Pictures;

/// <summary>
/// Draws detections over a photograph: tinted masks, boxes, class names with scores. Small photographs are enlarged so
/// that the labels can be read; where a label finds no free place it is left out and its box stays.
/// </summary>
/// <param name="classes">Class names by contiguous number.</param>
/// <param name="largestEnlargement">How many times larger than the photograph a picture may be, at least 1.</param>
public sealed class DetectionPainter(IReadOnlyList<string> classes, int largestEnlargement = 4)
{
    private const int ReadableSide = 720;
    private const byte MaskAlpha = 110;

    /// <summary>Draws; the photograph itself stays as it is.</summary>
    /// <param name="photograph">As the detector's input was read, at the size that the detections refer to.</param>
    /// <param name="detections">Best first.</param>
    /// <param name="minimumScore">Weaker detections are not drawn (KF-36).</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public RgbImage Paint(RgbImage photograph, ImageDetections detections, double minimumScore)
    {
        if ((photograph.Height, photograph.Width) != (detections.Height, detections.Width))
        {
            throw new ArgumentException(
                $"The picture has {photograph.Width}×{photograph.Height} pixels, the detections refer to "
                + $"{detections.Width}×{detections.Height}.", nameof(detections));
        }

        int[] shown = [.. Enumerable.Range(0, detections.Count).Where(i => detections.Scores[i] >= minimumScore)];
        int scale = EnlargementOf(photograph);
        RgbImage picture = Enlarged(photograph, scale);
        using var canvas = new Canvas(picture);

        // The best detection is drawn last, on top of weaker ones.
        foreach (int i in shown.Reverse())
        {
            RgbColor colour = ColourOf(detections, i);
            if (detections.Masks is { } masks)
                Tint(canvas, masks[i], scale, colour with { Alpha = MaskAlpha });

            var box = BoxOf(detections, i, scale);
            canvas.Box(box.Left, box.Top, box.Right, box.Bottom, colour, Thickness(picture));
        }

        Label(canvas, picture, detections, shown, scale);
        return picture;
    }

    // The best detection chooses its place first.
    private void Label(Canvas canvas, RgbImage picture, ImageDetections detections, int[] shown, int scale)
    {
        var places = new LabelPlaces(picture.Width, picture.Height);
        int dots = Math.Clamp((int)Math.Round(Math.Max(picture.Width, picture.Height) / 700.0), 1, 6);
        foreach (int i in shown)
        {
            string text = TextOf(detections, i);
            if (places.Take(BoxOf(detections, i, scale), Canvas.LabelSize(text, dots)) is { } place)
                canvas.Label(place.Left, place.Top, text, ColourOf(detections, i), dots);
        }
    }

    private string TextOf(ImageDetections detections, int i)
    {
        int number = detections.Classes[i];
        string name = number < classes.Count ? classes[number] : $"class {number}";
        return string.Create(CultureInfo.InvariantCulture, $"{name} {detections.Scores[i]:0.00}");
    }

    // Instances differ where masks lie beside each other or all objects are of one class; otherwise classes do.
    private RgbColor ColourOf(ImageDetections detections, int i) =>
        RgbColor.ForIndex(detections.Masks is not null || classes.Count == 1 ? i : detections.Classes[i]);

    private static (float Left, float Top, float Right, float Bottom) BoxOf(
        ImageDetections detections, int i, int scale)
    {
        ReadOnlySpan<float> box = detections.Boxes.AsSpan(4 * i, 4);
        return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale);
    }

    private static void Tint(Canvas canvas, RunLengthMask mask, int scale, RgbColor colour)
    {
        Coco.BoxXywh tight = mask.TightBox;
        if (tight.Width <= 0 || tight.Height <= 0)
            return;

        byte[] pixels = mask.ToRowMajor();
        var place = new PixelBox(
            (int)tight.X * scale, (int)tight.Y * scale, (int)tight.Width * scale, (int)tight.Height * scale);
        byte[] part = new byte[place.Width * place.Height];
        for (int y = 0; y < place.Height; y++)
        {
            int row = (((int)tight.Y) + (y / scale)) * mask.Width;
            for (int x = 0; x < place.Width; x++)
                part[(y * place.Width) + x] = pixels[row + (int)tight.X + (x / scale)];
        }

        canvas.FillMask(part, place, colour);
    }

    private static float Thickness(RgbImage picture) => Math.Max(1.5f, Math.Max(picture.Width, picture.Height) / 500f);

    private int EnlargementOf(RgbImage photograph) =>
        Math.Clamp(ReadableSide / Math.Max(photograph.Width, photograph.Height), 1, largestEnlargement);

    private static RgbImage Enlarged(RgbImage photograph, int scale)
    {
        var picture = new RgbImage();
        if (scale == 1)
            picture.CopyFrom(photograph);
        else
            new BilinearResampler().Resize(
                photograph, PixelBox.Whole(photograph), photograph.Width * scale, photograph.Height * scale, picture);
        return picture;
    }
}
