namespace Dense.Training.Detection.Data.Sampling;

/// <summary>
/// The endless sequence of a rank's batches (E-99 to E-103). A pure function of settings and images: a resumed run
/// walks over the batches that are behind it, without loading them.
/// </summary>
internal sealed class TrainingBatches
{
    private readonly IIndexStream _stream;
    private readonly DetectionDataSettings _settings;
    private readonly int[] _groupOf;
    private readonly List<SampleRequest>[] _open;
    private long _position;

    /// <summary>Before the first batch, in the order that the settings ask for.</summary>
    public TrainingBatches(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings)
        : this(images, settings, CreateStream(images, settings))
    {
    }

    /// <summary>Before the first batch, in a given order.</summary>
    internal TrainingBatches(
        IReadOnlyList<ImageRecord> images, DetectionDataSettings settings, IIndexStream stream)
    {
        (_settings, _stream) = (settings, stream);
        _groupOf = BatchGroups.Of(images, settings);
        _open = [.. Enumerable.Range(0, BatchGroups.Count(settings)).Select(_ => new List<SampleRequest>())];
    }

    /// <summary>The next batch, <see cref="DetectionDataSettings.BatchSizePerProcess"/> images.</summary>
    public SampleRequest[] Next()
    {
        while (true)
        {
            SampleRequest request = NextOfRank();
            List<SampleRequest> group = _open[_groupOf[request.Index]];
            group.Add(request);
            if (group.Count == _settings.BatchSizePerProcess)
            {
                SampleRequest[] batch = [.. group];
                group.Clear();
                return batch;
            }
        }
    }

    /// <summary>The images of all batches, one batch after the other.</summary>
    /// <param name="startIteration">Batches to pass over.</param>
    public IEnumerable<SampleRequest> From(long startIteration)
    {
        for (long i = 0; i < startIteration; i++)
            Next();

        while (true)
        {
            foreach (SampleRequest request in Next())
                yield return request;
        }
    }

    private static IIndexStream CreateStream(IReadOnlyList<ImageRecord> images, DetectionDataSettings settings) =>
        settings.Sampler == TrainingSamplerKind.RepeatFactor
            ? new RepeatFactorStream(
                RepeatFactors.Of(images, settings.RepeatThreshold, settings.RepeatSqrt), settings.Seed)
            : new PermutationStream(images.Count, settings.Seed);

    // Rank r takes the elements r, r + w, r + 2w … of the stream that all ranks draw alike.
    private SampleRequest NextOfRank()
    {
        while (true)
        {
            var request = new SampleRequest(_position++, _stream.Next());
            if (request.Position % _settings.WorldSize == _settings.Rank)
                return request;
        }
    }
}
