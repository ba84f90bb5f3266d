using Dense.Training.Detection.Data.Sampling;

namespace Dense.Training.Detection.Data.Loading;

/// <summary>
/// Loads a sequence of images with several threads and delivers them in its order. The threads stay at most
/// <c>capacity</c> images ahead of the consumer. <see cref="Take"/> and disposal are for one thread.
/// </summary>
internal sealed class SamplePipeline : IDisposable
{
    private readonly Func<SampleLoader> _createLoader;
    private readonly int _capacity;
    private readonly Thread[] _threads;
    private readonly SampleLoader? _own;

    // Guards what follows.
    private readonly object _gate = new();
    private readonly IEnumerator<SampleRequest> _requests;
    private readonly Queue<Slot> _ordered = new();
    private Exception? _fault;
    private bool _atEnd;
    private bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="requests">The images; walked under a lock.</param>
    /// <param name="createLoader">Makes the loader of a thread.</param>
    /// <param name="threads">Number of threads; with 0 the consumer loads.</param>
    /// <param name="capacity">Images loaded or being loaded that the consumer has not taken yet.</param>
    public SamplePipeline(
        IEnumerable<SampleRequest> requests, Func<SampleLoader> createLoader, int threads, int capacity)
    {
        (_createLoader, _capacity) = (createLoader, capacity);
        _requests = requests.GetEnumerator();
        _own = threads == 0 ? createLoader() : null;
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { Name = $"detection loader {i}", IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Waits for the next image; null at the end of the sequence.</summary>
    public LoadedSample? Take()
    {
        if (_own is not null)
            return _requests.MoveNext() ? _own.Load(_requests.Current) : null;

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            while (true)
            {
                if (_fault is not null)
                    throw new InvalidOperationException($"A loader thread ended: {_fault.Message}", _fault);
                if (_ordered.TryPeek(out Slot? first) && first.Sample is not null)
                    break;
                if (_atEnd && _ordered.Count == 0)
                    return null;

                Monitor.Wait(_gate);
            }

            Monitor.PulseAll(_gate);
            return _ordered.Dequeue().Sample;
        }
    }

    /// <summary>Stops the threads, at the latest after the image in hand.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
            thread.Join();

        _own?.Dispose();
        _requests.Dispose();
    }

    private void Work()
    {
        try
        {
            using SampleLoader loader = _createLoader();
            while (Begin() is { } slot)
            {
                LoadedSample sample = loader.Load(slot.Request);
                lock (_gate)
                {
                    slot.Sample = sample;
                    Monitor.PulseAll(_gate);
                }
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

    private Slot? Begin()
    {
        lock (_gate)
        {
            while (_ordered.Count >= _capacity && !_stopping && _fault is null)
                Monitor.Wait(_gate);

            if (_stopping || _atEnd || _fault is not null)
                return null;

            if (!_requests.MoveNext())
            {
                _atEnd = true;
                Monitor.PulseAll(_gate);
                return null;
            }

            var slot = new Slot(_requests.Current);
            _ordered.Enqueue(slot);
            return slot;
        }
    }

    /// <summary>A request, and its result once there is one.</summary>
    private sealed class Slot(SampleRequest request)
    {
        public SampleRequest Request { get; } = request;

        public LoadedSample? Sample { get; set; }
    }
}
