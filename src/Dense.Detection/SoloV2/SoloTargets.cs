using Dense.Detection.Settings;

namespace Dense.Detection.SoloV2;

/// <summary>
/// What SOLOv2 is to find in one image, per level of the grid (M-89 to M-99). Computed on the host from numbers alone:
/// no mask is copied; a positive names its object. The arithmetic is float32 throughout, as in the reference.
/// </summary>
public sealed class SoloTargets
{
    private readonly SoloV2Settings _settings;
    private readonly GroundTruth _truth;
    private readonly IReadOnlyList<MaskTarget> _masks;
    private readonly (int Height, int Width) _extent;

    private SoloTargets(GroundTruth truth, (int Height, int Width) extent, SoloV2Settings settings)
    {
        (_truth, _extent, _settings) = (truth, extent, settings);
        _masks = truth.Masks ?? [];
        Levels = [.. Enumerable.Range(0, settings.Grids.Count).Select(Assign)];
    }

    /// <summary>One entry per level.</summary>
    public IReadOnlyList<SoloLevelTargets> Levels { get; }

    /// <summary>Positives of all levels; a contested cell counts once per object (M-102).</summary>
    public int Positives => Levels.Sum(level => level.Cells.Length);

    /// <summary>Different positive cells of all levels (M-103).</summary>
    public int Marked => Levels.Sum(level => level.Marked);

    /// <summary>Assigns the objects of an image to levels and cells.</summary>
    /// <param name="truth">The objects; none is an image of background (M-99).</param>
    /// <param name="extent">Height and width of what the grids are laid over: the padded batch.</param>
    /// <param name="settings">Grids, scale ranges, σ and departures from the reference.</param>
    /// <exception cref="ArgumentException">There are objects but no masks, or another number of them, or a class
    /// outside 0 … K − 1.</exception>
    public static SoloTargets Of(GroundTruth truth, (int Height, int Width) extent, SoloV2Settings settings)
    {
        if (truth.Count != (truth.Masks?.Count ?? 0))
        {
            throw new ArgumentException(
                $"{truth.Count} objects with {truth.Masks?.Count ?? 0} masks: SOLOv2 needs one for each. "
                + "Set MODEL.MASK_ON true, and train on annotations with segmentations.", nameof(truth));
        }

        foreach (int category in truth.Classes)
        {
            if ((uint)category >= (uint)settings.NumClasses)
            {
                throw new ArgumentException(
                    $"An object of class {category}, expected 0 to {settings.NumClasses - 1}. Set "
                    + "MODEL.SOLOV2.NUM_CLASSES to the data set's number of classes.", nameof(truth));
            }
        }

        return new SoloTargets(truth, extent, settings);
    }

    private SoloLevelTargets Assign(int level)
    {
        int grid = _settings.Grids[level];
        int[] categories = new int[grid * grid];
        Array.Fill(categories, _settings.NumClasses);
        int[] owners = new int[grid * grid];
        Array.Fill(owners, -1);
        List<int> cells = [], objects = [];
        for (int k = 0; k < _truth.Count; k++)
        {
            if (!BelongsTo(level, k))
                continue;

            foreach (int cell in CellsOf(k, grid))
            {
                if (_settings.Options.SmallestOwnsCell && owners[cell] >= 0)
                {
                    if (_masks[k].Area >= _masks[owners[cell]].Area)
                        continue;
                    int loser = cells.IndexOf(cell);
                    cells.RemoveAt(loser);
                    objects.RemoveAt(loser);
                }

                (categories[cell], owners[cell]) = (_truth.Classes[k], k);
                cells.Add(cell);
                objects.Add(k);
            }
        }

        return new SoloLevelTargets(grid, categories, [.. cells], [.. objects], owners.Count(owner => owner >= 0));
    }

    // M-89, M-90.
    private bool BelongsTo(int level, int k)
    {
        (float width, float height) = BoxSize(k);
        float size = MathF.Sqrt(width * height);
        (int low, int high) = _settings.ScaleRanges[level];
        bool vanished = _settings.Options.DropVanishedMasks && !_masks[k].Quarter.AsSpan().ContainsAnyExcept((byte)0);
        return size >= low && size <= high && _masks[k].Area > 0 && !vanished;
    }

    private IEnumerable<int> CellsOf(int k, int grid)
    {
        (float width, float height) = BoxSize(k);
        float sigma = (float)_settings.Sigma;
        GridCells cells = GridCells.Of(
            (_masks[k].CentreX, _masks[k].CentreY),
            (0.5f * width * sigma, 0.5f * height * sigma),
            _extent,
            grid);
        for (int i = cells.Top; i <= cells.Bottom; i++)
        {
            for (int j = cells.Left; j <= cells.Right; j++)
                yield return i * grid + j;
        }
    }

    private (float Width, float Height) BoxSize(int k)
    {
        ReadOnlySpan<float> box = _truth.Boxes.AsSpan(4 * k, 4);
        return (box[2] - box[0], box[3] - box[1]);
    }
}
