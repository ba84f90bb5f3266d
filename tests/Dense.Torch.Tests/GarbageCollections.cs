namespace Dense.Torch.Tests;

/// <summary>Two threads that collect garbage and run finalizers as fast as they can, until disposed.</summary>
internal sealed class GarbageCollections : IDisposable
{
    private readonly Thread[] _threads;
    private volatile bool _stop;

    public GarbageCollections()
    {
        _threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(Collect))];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    public void Dispose()
    {
        _stop = true;
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Collect()
    {
        while (!_stop)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    }
}
