using Dense.Imaging;

namespace Dense.Training.Detection.Pictures;

/// <summary>Finds places for labels where they hide no other label.</summary>
/// <param name="width">Width of the picture.</param>
/// <param name="height">Its height.</param>
internal sealed class LabelPlaces(int width, int height)
{
    private readonly List<PixelBox> _taken = [];

    /// <summary>
    /// Above the box, inside its upper edge, below it, inside its lower edge, or along its right edge: the first place
    /// within the picture that is free; null when there is none.
    /// </summary>
    /// <param name="box">What the label belongs to: left, top, right, bottom.</param>
    /// <param name="label">Size of the label.</param>
    public PixelBox? Take((float Left, float Top, float Right, float Bottom) box, (int Width, int Height) label)
    {
        if (label.Width > width || label.Height > height)
            return null;

        int left = Math.Clamp((int)box.Left, 0, width - label.Width);
        int right = Math.Clamp((int)box.Right - label.Width, 0, width - label.Width);
        int top = (int)box.Top, bottom = (int)box.Bottom;
        ReadOnlySpan<(int Left, int Top)> places =
        [
            (left, top - label.Height), (left, top), (left, bottom), (left, bottom - label.Height),
            (right, top - label.Height), (right, top), (right, bottom), (right, bottom - label.Height),
        ];
        foreach ((int x, int y) in places)
        {
            var place = new PixelBox(x, y, label.Width, label.Height);
            if (!place.FitsInto(width, height) || _taken.Any(t => Overlap(t, place)))
                continue;

            _taken.Add(place);
            return place;
        }

        return null;
    }

    private static bool Overlap(PixelBox a, PixelBox b) =>
        a.Left < b.Left + b.Width && b.Left < a.Left + a.Width && a.Top < b.Top + b.Height && b.Top < a.Top + a.Height;
}
