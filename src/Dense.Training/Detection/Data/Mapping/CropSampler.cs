using Dense.Imaging;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Draws the part of an image that is kept (E-116).</summary>
internal static class CropSampler
{
    // An object that sticks out of the crop by less is not cut.
    private const double Tolerance = 1e-3;

    // Each round takes in at least one more object.
    private const int MaximumRounds = 100;

    private readonly record struct Corners(double Left, double Top, double Right, double Bottom);

    /// <summary>Draws a crop around a random object, or anywhere when there is none.</summary>
    /// <exception cref="DatasetException">The crop cannot be grown to cut no object.</exception>
    public static PixelBox Draw(
        ref SampleRandom random, ImageRecord image, int height, int width, CropSettings settings)
    {
        (int cropHeight, int cropWidth) = DrawSize(ref random, height, width, settings);
        Corners[] objects = [.. image.Objects.Select(o => Clip(o, height, width))];
        PixelBox crop = objects.Length == 0
            ? new PixelBox(
                random.NextInteger(width - cropWidth + 1), random.NextInteger(height - cropHeight + 1),
                cropWidth, cropHeight)
            : Around(ref random, objects[random.NextInteger(objects.Length)], cropHeight, cropWidth, height, width);
        return settings.CutsObjects ? crop : Grown(crop, objects, image.FileName);
    }

    private static (int Height, int Width) DrawSize(
        ref SampleRandom random, int height, int width, CropSettings settings)
    {
        (double first, double second) = settings.Size;
        (int h, int w) = settings.Kind switch
        {
            CropKind.Relative => (Share(height, first), Share(width, second)),
            CropKind.RelativeRange => (
                Share(height, DrawShare(ref random, (float)first)), Share(width, DrawShare(ref random, (float)second))),
            CropKind.Absolute => ((int)Math.Min(first, height), (int)Math.Min(second, width)),
            _ => (DrawSide(ref random, height, first, second), DrawSide(ref random, width, first, second)),
        };
        return (Math.Clamp(h, 1, height), Math.Clamp(w, 1, width));
    }

    private static int Share(int side, double share) => (int)((side * share) + 0.5);

    private static float DrawShare(ref SampleRandom random, float smallest) =>
        smallest + (random.NextUnit() * (1 - smallest));

    private static int DrawSide(ref SampleRandom random, int side, double first, double second)
    {
        int low = (int)Math.Min(side, first), high = (int)Math.Min(side, second);
        return low + random.NextInteger(Math.Max(high - low, 0) + 1);
    }

    private static Corners Clip(in ObjectRecord o, int height, int width) => new(
        Math.Clamp(o.Box.X, 0, width), Math.Clamp(o.Box.Y, 0, height),
        Math.Clamp(o.Box.X + o.Box.Width, 0, width), Math.Clamp(o.Box.Y + o.Box.Height, 0, height));

    private static PixelBox Around(
        ref SampleRandom random, Corners target, int cropHeight, int cropWidth, int height, int width)
    {
        int top = DrawOrigin(ref random, (target.Top + target.Bottom) / 2, cropHeight, height);
        int left = DrawOrigin(ref random, (target.Left + target.Right) / 2, cropWidth, width);
        return new PixelBox(left, top, cropWidth, cropHeight);
    }

    private static int DrawOrigin(ref SampleRandom random, double centre, int crop, int side)
    {
        int low = Math.Max((int)Math.Floor(centre) - crop, 0);
        int high = Math.Min(side - crop, (int)Math.Ceiling(centre));
        return low + random.NextInteger(high - low + 1);
    }

    private static PixelBox Grown(PixelBox crop, Corners[] objects, string file)
    {
        for (int round = 0; round < MaximumRounds; round++)
        {
            PixelBox grown = objects.Where(o => IsCut(o, crop)).Aggregate(crop, Including);
            if (grown == crop)
                return crop;

            crop = grown;
        }

        throw new DatasetException(
            $"{file}: no crop was found that cuts no object, after {MaximumRounds} enlargements. Set " +
            "INPUT.CROP.CROP_INSTANCE to True, or turn INPUT.CROP.ENABLED off.");
    }

    private static bool IsCut(Corners o, PixelBox crop)
    {
        int right = crop.Left + crop.Width, bottom = crop.Top + crop.Height;
        bool overlaps = o.Right > crop.Left + Tolerance && o.Left < right - Tolerance
            && o.Bottom > crop.Top + Tolerance && o.Top < bottom - Tolerance;
        bool sticksOut = o.Left < crop.Left - Tolerance || o.Right > right + Tolerance
            || o.Top < crop.Top - Tolerance || o.Bottom > bottom + Tolerance;
        return overlaps && sticksOut;
    }

    private static PixelBox Including(PixelBox crop, Corners o)
    {
        int left = Math.Min(crop.Left, (int)Math.Floor(o.Left));
        int top = Math.Min(crop.Top, (int)Math.Floor(o.Top));
        int right = Math.Max(crop.Left + crop.Width, (int)Math.Ceiling(o.Right));
        int bottom = Math.Max(crop.Top + crop.Height, (int)Math.Ceiling(o.Bottom));
        return new PixelBox(left, top, right - left, bottom - top);
    }
}
