using Dense.Imaging;
using Dense.Training.Evaluation;

namespace Dense.Cli;

/// <summary>Two images side by side, with a line from each cell to its match.</summary>
internal static class CorrespondencePicture
{
    private const int Height = 480;
    private const int Gap = 12;

    public static void Save(RgbImage first, RgbImage second, IReadOnlyList<CellMatch> matches, string path) =>
        ImageEncoder.Save(Draw(first, second, matches), path);

    public static RgbImage Draw(RgbImage first, RgbImage second, IReadOnlyList<CellMatch> matches)
    {
        RgbImage left = Scaled(first), right = Scaled(second);
        var picture = new RgbImage(left.Width + Gap + right.Width, Height);
        picture.Pixels.Fill(255);
        Paste(left, picture, 0);
        Paste(right, picture, left.Width + Gap);

        using var canvas = new Canvas(picture);
        for (int i = matches.Count - 1; i >= 0; i--)
        {
            CellMatch match = matches[i];
            RgbColor color = RgbColor.ForIndex(i);
            float x1 = match.First.X * left.Width, y1 = match.First.Y * Height;
            float x2 = left.Width + Gap + (match.Second.X * right.Width), y2 = match.Second.Y * Height;
            canvas.Line(x1, y1, x2, y2, color with { Alpha = 170 }, 1.5f);
            canvas.FillCircle(x1, y1, 5, color);
            canvas.FillCircle(x2, y2, 5, color);
        }

        return picture;
    }

    private static RgbImage Scaled(RgbImage image)
    {
        int width = Math.Max(1, (int)((long)image.Width * Height / image.Height));
        var scaled = new RgbImage(width, Height);
        new BilinearResampler().Resize(image, new PixelBox(0, 0, image.Width, image.Height), width, Height, scaled);
        return scaled;
    }

    private static void Paste(RgbImage tile, RgbImage picture, int left)
    {
        for (int y = 0; y < tile.Height; y++)
            tile.Row(y).CopyTo(picture.Row(y)[(left * 3)..]);
    }
}
