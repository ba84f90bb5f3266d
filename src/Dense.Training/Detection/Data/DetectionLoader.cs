using Dense.Detection;
using Dense.Training.Data;

namespace Dense.Training.Detection.Data;

/// <summary>
/// Makes batches ahead of their use with loader threads. What a batch holds is determined by the settings and its
/// number, never by the timing of threads (E-104).
/// </summary>
public sealed class DetectionLoader : IDisposable
{
    private DetectionLoader()
    {
    }

    /// <summary>Batches of this process; null in training, which has no end.</summary>
    public int? BatchCount { get; private init; }

    /// <summary>How long <see cref="Next"/> has waited altogether.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Damaged images that were met so far, each counted once.</summary>
    public int DamagedCount { get; private set; }

    /// <summary>Starts loading for training.</summary>
    /// <param name="images">The images.</param>
    /// <param name="settings">How.</param>
    /// <param name="startIteration">The first batch; a resumed run goes on where it stopped (E-102).</param>
    /// <param name="maskTarget">
    /// Makes a target of the H×W pixels of a mask, row by row, 0 or 1; the pixels are overwritten afterwards. Needed
    /// when masks are trained, called by several threads at once.
    /// </param>
    public static DetectionLoader Train(
        IReadOnlyList<ImageRecord> images,
        DetectionDataSettings settings,
        long startIteration = 0,
        Func<byte[], int, int, MaskTarget>? maskTarget = null) => throw new NotSupportedException();

    /// <summary>Starts loading this process's part for evaluation, one image at a time (E-105).</summary>
    /// <param name="images">All images of the data set.</param>
    /// <param name="settings">How.</param>
    public static DetectionLoader Test(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings) =>
        throw new NotSupportedException();

    /// <summary>Waits for the next batch.</summary>
    /// <returns>The batch, or null after the last one of an evaluation.</returns>
    /// <exception cref="DatasetException">An image cannot be used, or too many cannot.</exception>
    public DetectionBatch? Next() => throw new NotSupportedException();

    /// <summary>Stops the threads, at the latest after the image in hand.</summary>
    public void Dispose()
    {
    }
}
