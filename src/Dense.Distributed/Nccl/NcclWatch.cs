using System.Collections.Concurrent;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Distributed.Nccl;

/// <summary>
/// Follows operations on the device, which nobody waits for, with the limits of all operations between ranks. When one
/// is lost, it aborts the communicator, so that the device and whoever waits for it go on, and keeps the reason for the
/// next call.
/// </summary>
internal sealed class NcclWatch : IDisposable
{
    private readonly BlockingCollection<(RankOperation Operation, nint Done)> _queued = [];
    private readonly NcclApi _nccl;
    private readonly CudaDriver _cuda;
    private readonly nint _communicator, _context;
    private readonly RankWait _patience;
    private readonly Thread _thread;
    private volatile Loss? _loss;

    /// <summary>Starts to watch.</summary>
    /// <param name="nccl">NCCL.</param>
    /// <param name="cuda">The driver.</param>
    /// <param name="communicator">Whose operations are watched.</param>
    /// <param name="context">The device's context.</param>
    /// <param name="patience">The limits.</param>
    public NcclWatch(NcclApi nccl, CudaDriver cuda, nint communicator, nint context, RankWait patience)
    {
        (_nccl, _cuda, _communicator, _context, _patience) = (nccl, cuda, communicator, context, patience);
        _thread = new Thread(Loop) { IsBackground = true, Name = "NCCL watch" };
        _thread.Start();
    }

    /// <summary>What was lost and why; null while nothing was. The communicator does not exist any more then.</summary>
    public Loss? Lost => _loss;

    /// <summary>Watches an operation until its event occurs; the event is released.</summary>
    public void Follow(RankOperation operation, nint done) => _queued.Add((operation, done));

    /// <summary>Waits until the last operation is complete or lost.</summary>
    public void Dispose()
    {
        _queued.CompleteAdding();
        _thread.Join();
        _queued.Dispose();
    }

    private void Loop()
    {
        using IDisposable region = _cuda.Enter(_context);
        foreach (var (operation, done) in _queued.GetConsumingEnumerable())
        {
            if (_loss is null)
                Watch(operation, done);

            _cuda.Forget(done);
        }
    }

    private void Watch(RankOperation operation, nint done)
    {
        try
        {
            _patience.For(() => IsDone(done), operation);
        }
        catch (CollectiveException e)
        {
            _loss = new Loss(operation, e);
            _nccl.Abort(_communicator);
        }
    }

    private bool IsDone(nint done)
    {
        if (_nccl.AsyncError(_communicator) is { } error)
            throw new CollectiveException(error);

        if (_cuda.IsDone(done))
            return true;

        Thread.Sleep(1); // Nobody waits here: the next look may come late.
        return false;
    }

    /// <summary>An operation that will never complete.</summary>
    /// <param name="Operation">Which.</param>
    /// <param name="Cause">Why.</param>
    public sealed record Loss(RankOperation Operation, CollectiveException Cause);
}
