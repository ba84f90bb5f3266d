using Dense.Detection.Settings;

namespace Dense.Detection.Fcos;

/// <summary>
/// Decides which locations of the pyramid are to find which object (section 3.1 of the FCOS paper; M-48 to M-57).
/// Location (y, x) of a level with stride s stands for the pixel (x·s + ⌊s/2⌋, y·s + ⌊s/2⌋).
/// </summary>
/// <remarks>
/// A location is positive for a box when it lies strictly inside (with centre sampling: inside the part of it that is
/// within radius · s of its centre) and its largest distance to a side is within the level's range, both ends included.
/// Among several boxes the smallest area wins, then the lower index. All in float32.
/// <para>
/// Ground truth lives on the host and few locations are positive, so this runs there, box by box over the few locations
/// that it can claim. It needs memory for one map, not for locations × boxes (KF-9), and no device waits for it. An
/// image without boxes is background; so is nothing else (the reference also discards an image whose first box has its
/// centre at x = 0, M-57).
/// </para>
/// </remarks>
public sealed class FcosTargets
{
    // Stands for "no upper limit" on the last level (M-49).
    private const float Unlimited = 1e8f;

    private readonly FcosSettings _settings;

    /// <summary>Keeps the settings.</summary>
    public FcosTargets(FcosSettings settings) => _settings = settings;

    /// <summary>Assigns the objects of a batch.</summary>
    /// <param name="maps">Size of each level's map.</param>
    /// <param name="truths">One per image.</param>
    /// <returns>One per level.</returns>
    public IReadOnlyList<LevelTargets> Assign(
        IReadOnlyList<(int Height, int Width)> maps, IReadOnlyList<GroundTruth> truths) =>
        [.. maps.Select((map, level) => AssignLevel(level, map, truths))];

    private LevelTargets AssignLevel(int level, (int Height, int Width) map, IReadOnlyList<GroundTruth> truths)
    {
        int size = map.Height * map.Width;
        var (locations, classes) = (new List<long>(), new List<int>());
        var (distances, objects) = (new List<float>(), new List<int>());
        int[] owners = new int[size];
        int firstObject = 0;
        for (int image = 0; image < truths.Count; image++)
        {
            GroundTruth truth = truths[image];
            foreach (int location in Claim(truth.Boxes, level, map, owners))
            {
                int box = owners[location];
                locations.Add((long)image * size + location);
                classes.Add(truth.Classes[box]);
                distances.AddRange(Distances(truth.Boxes.AsSpan(4 * box, 4), level, location, map.Width));
                objects.Add(firstObject + box);
            }

            firstObject += truth.Count;
        }

        return new LevelTargets([.. locations], [.. classes], [.. distances], [.. objects]);
    }

    // Writes the winning box of each positive location into the owners; returns those locations in ascending order.
    private SortedSet<int> Claim(float[] boxes, int level, (int Height, int Width) map, int[] owners)
    {
        var claimed = new SortedSet<int>();
        float[] areas = boxes.Length == 0 ? [] : new float[owners.Length];
        for (int box = 0; box < boxes.Length / 4; box++)
        {
            ReadOnlySpan<float> b = boxes.AsSpan(4 * box, 4);
            float area = (b[2] - b[0]) * (b[3] - b[1]);
            Region region = RegionOf(b, level);
            (int top, int bottom) = Span(region.Y1, region.Y2, level, map.Height);
            (int left, int right) = Span(region.X1, region.X2, level, map.Width);
            for (int y = top; y < bottom; y++)
            {
                for (int x = left; x < right; x++)
                {
                    int location = y * map.Width + x;
                    if (!IsPositive(b, region, level, Pixel(x, level), Pixel(y, level)))
                        continue;
                    if (!claimed.Add(location) && !(area < areas[location]))
                        continue;
                    areas[location] = area;
                    owners[location] = box;
                }
            }
        }

        return claimed;
    }

    // Where a location must lie (M-51).
    private Region RegionOf(ReadOnlySpan<float> box, int level)
    {
        if (!_settings.CenterSampling)
            return new Region(box[0], box[1], box[2], box[3]);

        float x = (box[0] + box[2]) * 0.5f, y = (box[1] + box[3]) * 0.5f;
        float reach = (float)(_settings.Strides[level] * _settings.PositiveRadius);
        return new Region(
            MathF.Max(x - reach, box[0]), MathF.Max(y - reach, box[1]),
            MathF.Min(x + reach, box[2]), MathF.Min(y + reach, box[3]));
    }

    private bool IsPositive(ReadOnlySpan<float> box, Region region, int level, float x, float y)
    {
        bool inside = x - region.X1 > 0 && y - region.Y1 > 0 && region.X2 - x > 0 && region.Y2 - y > 0;
        if (!inside)
            return false;

        float largest = MathF.Max(MathF.Max(x - box[0], y - box[1]), MathF.Max(box[2] - x, box[3] - y));
        return largest >= Low(level) && largest <= High(level);
    }

    private float[] Distances(ReadOnlySpan<float> box, int level, int location, int width)
    {
        float x = Pixel(location % width, level), y = Pixel(location / width, level);
        float stride = _settings.Strides[level];
        return [(x - box[0]) / stride, (y - box[1]) / stride, (box[2] - x) / stride, (box[3] - y) / stride];
    }

    private float Pixel(int index, int level) => FcosLocations.Pixel(index, _settings.Strides[level]);

    private float Low(int level) => level == 0 ? -1 : _settings.SizesOfInterest[level - 1];

    private float High(int level) =>
        level == _settings.SizesOfInterest.Count ? Unlimited : _settings.SizesOfInterest[level];

    // A few indices more than those whose pixel lies between two coordinates; the exact test follows.
    private (int Start, int End) Span(float low, float high, int level, int count)
    {
        double stride = _settings.Strides[level];
        double start = Math.Floor(low / stride) - 1, end = Math.Ceiling(high / stride) + 1;
        return ((int)Math.Clamp(start, 0, count), (int)Math.Clamp(end, 0, count));
    }

    private readonly record struct Region(float X1, float Y1, float X2, float Y2);
}
