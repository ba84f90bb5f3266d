using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Nccl;

/// <summary>
/// Exchanges tensors in the memory of one device with the other ranks. Operations are queued on the device; the host
/// does not wait.
/// </summary>
/// <remarks>
/// They go to the legacy default stream (0), which is the stream that libtorch computes on unless told otherwise, and
/// TorchSharp cannot tell it otherwise: so they see what was computed before and are seen by what is computed after.
/// Sums that overlap with computing go to a stream of their own, between two events of the default one.
/// </remarks>
internal sealed unsafe class NcclChannel : IDisposable
{
    private const nint DefaultStream = 0;

    private readonly Lock _gate = new();
    private readonly NcclApi _nccl;
    private readonly CudaDriver _cuda;
    private readonly nint _context, _communicator, _sideStream;
    private readonly NcclWatch _watch;
    private readonly int _size;

    /// <summary>Joins the other ranks; they must do the same.</summary>
    /// <param name="meeting">The operation that this is.</param>
    /// <param name="nccl">NCCL.</param>
    /// <param name="cuda">The driver.</param>
    /// <param name="device">The number of this rank's device.</param>
    /// <param name="id">Drawn by one rank.</param>
    /// <param name="rank">This process.</param>
    /// <param name="size">Number of processes.</param>
    /// <param name="patience">How long operations, this one as well, wait for others.</param>
    /// <exception cref="CollectiveException">A rank is lost, or NCCL or the driver reports an error.</exception>
    public NcclChannel(
        RankOperation meeting, NcclApi nccl, CudaDriver cuda, int device, NcclUniqueId id, int rank, int size,
        RankWait patience)
    {
        (_nccl, _cuda, _size) = (nccl, cuda, size);
        _context = cuda.ContextOf(device);
        using IDisposable region = cuda.Enter(_context);
        _communicator = Meet(() => nccl.Join(id, rank, size), meeting, patience);
        _sideStream = cuda.NewStream();
        _watch = new NcclWatch(nccl, cuda, _communicator, _context, patience);
    }

    /// <summary>What was lost; null while nothing was.</summary>
    public NcclWatch.Loss? Lost => _watch.Lost;

    /// <summary>See <see cref="ICollectives.SumInPlace"/>.</summary>
    public void Sum(RankOperation operation, Tensor tensor)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor packed = tensor.to(SumTypes.Summed(tensor.dtype)).contiguous();
        Queue(operation, () => AllReduce(packed, DefaultStream));
        CopyBack(packed, tensor);
    }

    /// <summary>See <see cref="ICollectives.StartSum"/>. A tensor that must be converted or packed is summed at
    /// once.</summary>
    public IPendingSum StartSum(RankOperation operation, Tensor tensor)
    {
        if (!tensor.is_contiguous() || SumTypes.Summed(tensor.dtype) != tensor.dtype)
        {
            Sum(operation, tensor);
            return CompletedSum.Instance;
        }

        lock (_gate)
        {
            using IDisposable region = _cuda.Enter(_context);
            nint computed = _cuda.Record(DefaultStream);
            _cuda.Wait(_sideStream, computed);
            _cuda.Forget(computed);
            AllReduce(tensor, _sideStream);
            nint summed = _cuda.Record(_sideStream);
            _watch.Follow(operation, _cuda.Record(_sideStream));
            return new PendingSum(this, summed);
        }
    }

    /// <summary>See <see cref="ICollectives.Gather"/>.</summary>
    public Tensor Gather(RankOperation operation, Tensor tensor)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor own = tensor.contiguous();
        Tensor all = empty([tensor.shape[0] * _size, .. tensor.shape[1..]], tensor.dtype, tensor.device);
        Queue(operation, () => _nccl.AllGather(
            Address(own), Address(all), own.numel() * own.element_size(), _communicator, DefaultStream));
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>See <see cref="ICollectives.BroadcastInPlace"/>.</summary>
    public void Broadcast(RankOperation operation, Tensor tensor)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor packed = tensor.contiguous();
        Queue(operation, () => _nccl.Broadcast(
            Address(packed), packed.numel() * packed.element_size(), _communicator, DefaultStream));
        CopyBack(packed, tensor);
    }

    /// <summary>Takes leave of the other ranks when the last operation is complete.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        if (_watch.Lost is not null)
            return; // Aborted.

        using IDisposable region = _cuda.Enter(_context);
        _nccl.Destroy(_communicator);
    }

    // NCCL waits without a limit for a rank that never comes, and cannot be called off: a thread does, that may stay.
    private nint Meet(Func<nint> join, RankOperation meeting, RankWait patience)
    {
        Task<nint> joined = Task.Factory.StartNew(
            () =>
            {
                using IDisposable region = _cuda.Enter(_context);
                return join();
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        patience.For(() => joined.IsCompleted, meeting);
        return joined.GetAwaiter().GetResult();
    }

    private void AllReduce(Tensor packed, nint stream) =>
        _nccl.AllReduce(Address(packed), packed.numel(), NcclTypes.Of(packed.dtype), _communicator, stream);

    // The memory of a temporary may be freed at once: libtorch gives it to work of the same stream only.
    private void Queue(RankOperation operation, Action enqueue)
    {
        lock (_gate)
        {
            using IDisposable region = _cuda.Enter(_context);
            enqueue();
            _watch.Follow(operation, _cuda.Record(DefaultStream));
        }
    }

    private static void* Address(Tensor tensor) => (void*)TensorMemory.AddressOf(tensor);

    private static void CopyBack(Tensor packed, Tensor tensor)
    {
        if (TensorMemory.AddressOf(packed) != TensorMemory.AddressOf(tensor))
            tensor.detach().copy_(packed);
    }

    private sealed class PendingSum(NcclChannel channel, nint summed) : IPendingSum
    {
        public void Wait()
        {
            using IDisposable region = channel._cuda.Enter(channel._context);
            channel._cuda.Wait(DefaultStream, summed);
            channel._cuda.Forget(summed);
        }
    }
}
