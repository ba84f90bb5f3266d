using Dense.Imaging;

namespace Dense.Training.Data.Sampling;

/// <summary>
/// Says which images a rank sees in an epoch, in which order and in which batches. A pure function of settings and
/// epoch: nothing has to be saved to continue in the middle of an epoch.
/// </summary>
/// <remarks>
/// All ranks order all images alike. The order is padded with its own beginning to a multiple of the number of ranks
/// (P-101), and rank r takes the r-th contiguous part (P-102).
/// </remarks>
public sealed class EpochSampler
{
    // Views are numbered from 0, so this stream of random numbers is nobody else's.
    private const int ShuffleStream = ushort.MaxValue;

    private readonly int _count;
    private readonly SamplerSettings _settings;

    /// <summary>Creates the sampler.</summary>
    /// <param name="count">Number of images, D.</param>
    /// <param name="settings">How they are ordered.</param>
    /// <exception cref="DatasetException">The images do not fill a single batch and ragged batches are left
    /// out.</exception>
    public EpochSampler(int count, SamplerSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.WorldSize);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(settings.Rank, settings.WorldSize);

        _count = count;
        _settings = settings;
        SamplesPerRank = (int)(((long)count + settings.WorldSize - 1) / settings.WorldSize);
        BatchesPerEpoch = settings.DropLast
            ? SamplesPerRank / settings.BatchSize
            : (int)(((long)SamplesPerRank + settings.BatchSize - 1) / settings.BatchSize);

        if (BatchesPerEpoch == 0)
        {
            throw new DatasetException(
                $"{count} images for {settings.WorldSize} processes are {SamplesPerRank} for each, expected " +
                $"at least one batch of {settings.BatchSize}. Lower the batch size to {SamplesPerRank} or add images.");
        }
    }

    /// <summary>Images per batch; the last one of an epoch may have fewer.</summary>
    public int BatchSize => _settings.BatchSize;

    /// <summary>Number of images, D.</summary>
    public int Count => _count;

    /// <summary>Images that a rank is given in an epoch, before a ragged batch is left out.</summary>
    public int SamplesPerRank { get; }

    /// <summary>Iterations of an epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>Number of images in a batch.</summary>
    /// <param name="iteration">The batch within its epoch, from 0.</param>
    public int BatchLength(int iteration) =>
        (int)Math.Min(_settings.BatchSize, SamplesPerRank - ((long)iteration * _settings.BatchSize));

    /// <summary>The images of this rank in an epoch, in order: <see cref="SamplesPerRank"/> indices.</summary>
    /// <param name="epoch">From 0.</param>
    public int[] IndicesOf(int epoch)
    {
        int[] order = OrderOf(epoch);
        int[] mine = new int[SamplesPerRank];
        long first = (long)_settings.Rank * SamplesPerRank;
        for (int i = 0; i < mine.Length; i++)
            mine[i] = order[(first + i) % _count];

        return mine;
    }

    private int[] OrderOf(int epoch)
    {
        int[] order = new int[_count];
        switch (_settings.Order)
        {
            case SampleOrder.Sequential:
                for (int i = 0; i < order.Length; i++)
                    order[i] = i;
                break;

            case SampleOrder.ReferenceShuffled:
                var reference = new TorchvisionRandom((uint)epoch);
                Draw(order, ref reference);
                break;

            default:
                var random = new SampleRandom(_settings.Seed, epoch, sampleIndex: 0, ShuffleStream);
                Draw(order, ref random);
                break;
        }

        return order;
    }

    private void Draw<TSource>(int[] order, ref TSource random)
        where TSource : struct, IRandomSource
    {
        if (!_settings.WithReplacement)
        {
            random.NextPermutation(order);
            return;
        }

        for (int i = 0; i < order.Length; i++)
            order[i] = random.NextInteger(order.Length);
    }
}
