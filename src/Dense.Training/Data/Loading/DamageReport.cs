using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Loading;

/// <summary>Counts damaged images of a source, each once, and says when there are too many (R10).</summary>
internal sealed class DamageReport(IImageSource source, double maximumShare)
{
    private readonly HashSet<int> _known = [];

    /// <summary>Damaged images that were met so far.</summary>
    public int Count => _known.Count;

    // One is always allowed: below a thousand images the share alone would forbid it.
    private int Allowed => Math.Max(1, (int)(maximumShare * source.Count));

    /// <summary>Takes in the damaged images of a batch.</summary>
    /// <returns>Those that were not known.</returns>
    /// <exception cref="DatasetException">There are more damaged images than allowed.</exception>
    public IReadOnlyList<DamagedImage> Add(IEnumerable<DamagedImage> images)
    {
        DamagedImage[] fresh = [.. images.Where(i => _known.Add(i.Index))];
        if (fresh.Length > 0 && Count > Allowed)
        {
            throw new DatasetException(
                $"{source.Location}: {Count} of {source.Count} images are damaged, expected at most {Allowed} " +
                $"({maximumShare:P1}). The last one: {fresh[^1].Reason} Repair the data set, or allow a larger share.");
        }

        return fresh;
    }
}
