using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Dense.Training.Data.Sampling;
using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Loading;

/// <summary>
/// Makes batches ahead of their use with worker threads, which run on across epochs (P-222). Batches arrive in order
/// and hold the same numbers for every number of workers (R15): a sample is determined by seed, epoch and image alone.
/// </summary>
/// <remarks>
/// Workers take single samples, not batches, so that the first batch is ready soon. They pause when all batch memory is
/// full, until the consumer disposes a batch. <see cref="Next"/> and disposal are for one thread.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IImageSource _source;
    private readonly LoaderSettings _settings;
    private readonly DamageReport _damage;
    private readonly BatchSlot[] _slots;
    private readonly Thread[] _workers;

    // Guards everything below and the slots' counters.
    private readonly object _gate = new();
    private readonly BatchSequence _sequence;
    private readonly Queue<BatchSlot> _free;
    private readonly Queue<BatchSlot> _ordered = new();
    private BatchSlot? _filling;
    private int _held;
    private Exception? _fault;
    private bool _stopping;

    private BatchLoader(
        IImageSource source, EpochSampler sampler, ISampleFormat format, LoaderSettings settings, LoaderPosition start)
    {
        _source = source;
        _settings = settings;
        _damage = new DamageReport(source.Location, source.Count, settings.MaximumDamagedShare);
        _sequence = new BatchSequence(sampler, settings.Epochs, start);
        _slots = new BatchSlot[settings.ReadAheadBatches + 1];
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = new BatchSlot(sampler.BatchSize, format, settings.PinMemory);

        _free = new Queue<BatchSlot>(_slots);
        _workers = new Thread[settings.Workers];
        for (int i = 0; i < _workers.Length; i++)
            _workers[i] = new Thread(() => Work(format)) { Name = $"image loader {i}", IsBackground = true };
    }

    /// <summary>Damaged images that were met so far, each counted once.</summary>
    public int DamagedCount => _damage.Count;

    /// <summary>
    /// How long <see cref="Next"/> has waited altogether; against the run's time it shows a loader too slow.
    /// </summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Starts the workers.</summary>
    /// <param name="source">The images; not disposed with the loader.</param>
    /// <param name="sampler">Their order.</param>
    /// <param name="format">What is made of them.</param>
    /// <param name="settings">How.</param>
    /// <param name="start">The first batch; a resumed run starts in the middle without decoding what came
    /// before.</param>
    public static BatchLoader Start(
        IImageSource source,
        EpochSampler sampler,
        ISampleFormat format,
        LoaderSettings settings,
        LoaderPosition start = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.Workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.ReadAheadBatches);
        if (source.Count != sampler.Count)
        {
            throw new ArgumentException(
                $"The sampler orders {sampler.Count} images, the source has {source.Count}.", nameof(sampler));
        }

        var loader = new BatchLoader(source, sampler, format, settings, start);
        foreach (Thread worker in loader._workers)
            worker.Start();

        return loader;
    }

    /// <summary>Waits for the next batch. Dispose it when it has been used: its memory is needed again.</summary>
    /// <returns>The batch, or null after the last one of the last epoch.</returns>
    /// <exception cref="DatasetException">An image is damaged, or too many are.</exception>
    /// <exception cref="InvalidOperationException">All batch memory is in the caller's hands.</exception>
    public Batch? Next()
    {
        long begin = Stopwatch.GetTimestamp();
        if (TakeReady() is not { } slot)
            return null;

        TimeSpan waited = Stopwatch.GetElapsedTime(begin);
        Waited += waited;
        try
        {
            return new Batch(this, _source, slot, Inspect(slot), waited);
        }
        catch
        {
            Release(slot);
            throw;
        }
    }

    /// <summary>Stops the workers, at the latest after the image in hand, and frees all batches.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;

            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread worker in _workers)
            worker.Join();

        foreach (BatchSlot slot in _slots)
            slot.Dispose();
    }

    internal void Release(BatchSlot slot)
    {
        lock (_gate)
        {
            _held--;
            _free.Enqueue(slot);
            Monitor.PulseAll(_gate);
        }
    }

    private BatchSlot? TakeReady()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_held == _slots.Length)
                throw new InvalidOperationException("All batches are in use. Dispose one before asking for the next.");

            while (true)
            {
                if (_ordered.TryPeek(out BatchSlot? first) && first.Finished == first.Count)
                    break;

                if (_fault is not null)
                    ExceptionDispatchInfo.Throw(_fault);

                if (_ordered.Count == 0 && _sequence.IsAtEnd)
                    return null;

                Monitor.Wait(_gate);
            }

            _held++;
            return _ordered.Dequeue();
        }
    }

    // Looked at when the batch is delivered and in the order of its places, not when a worker happened to meet them: a
    // run stops at the same batch with the same message for every number of workers.
    private IReadOnlyList<DamagedImage> Inspect(BatchSlot slot)
    {
        if (slot.Failure is { } failure)
            ExceptionDispatchInfo.Throw(failure.Exception);

        return slot.Damaged.Count == 0 ? [] : _damage.Add(slot.Damaged.OrderBy(d => d.Place).Select(d => d.Image));
    }

    private void Work(ISampleFormat format)
    {
        try
        {
            using var reader = new SampleReader(_source, format, _settings.DamagedImages);
            while (Take() is var (slot, place))
            {
                reader.Fill(slot, place, _gate);
                Finish(slot);
            }
        }
        catch (Exception e)
        {
            // Handed over to the consumer, whose next call throws it.
            lock (_gate)
            {
                _fault ??= e;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private (BatchSlot Slot, int Place)? Take()
    {
        lock (_gate)
        {
            while (!_stopping && _fault is null)
            {
                if (_filling is not null && _filling.Taken < _filling.Count)
                    return (_filling, _filling.Taken++);

                if (_sequence.IsAtEnd)
                    return null;

                if (_free.TryDequeue(out _filling))
                {
                    _sequence.BeginNext(_filling);
                    _ordered.Enqueue(_filling);
                    Monitor.PulseAll(_gate);
                }
                else
                {
                    Monitor.Wait(_gate);
                }
            }

            return null;
        }
    }

    private void Finish(BatchSlot slot)
    {
        lock (_gate)
        {
            slot.Finished++;
            if (slot.Finished == slot.Count)
                Monitor.PulseAll(_gate);
        }
    }
}
