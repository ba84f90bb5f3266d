namespace Dense.Training.Data.Loading;

/// <summary>Counts damaged images of a source, each once, and says when there are too many (R10).</summary>
/// <param name="location">Where the images come from, as the first words of a message.</param>
/// <param name="images">How many there are.</param>
/// <param name="maximumShare">Share of them that may be damaged.</param>
internal sealed class DamageReport(string location, int images, double maximumShare)
{
    private readonly HashSet<int> _known = [];

    /// <summary>Damaged images that were met so far.</summary>
    public int Count => _known.Count;

    // One is always allowed: below a thousand images the share alone would forbid it.
    private int Allowed => Math.Max(1, (int)(maximumShare * images));

    /// <summary>Takes in the damaged images of a batch.</summary>
    /// <returns>Those that were not known.</returns>
    /// <exception cref="DatasetException">There are more damaged images than allowed.</exception>
    public IReadOnlyList<DamagedImage> Add(IEnumerable<DamagedImage> damaged)
    {
        DamagedImage[] fresh = [.. damaged.Where(i => _known.Add(i.Index))];
        if (fresh.Length > 0 && Count > Allowed)
        {
            throw new DatasetException(
                $"{location}: {Count} of {images} images are damaged, expected at most {Allowed} " +
                $"({maximumShare:P1}). The last one: {fresh[^1].Reason} Repair the data set, or allow a larger share.");
        }

        return fresh;
    }
}
