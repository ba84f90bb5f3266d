using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Nccl;

/// <summary>
/// The ranks of an MPI job whose CUDA tensors travel by NCCL, from device to device; all other tensors, and barriers,
/// by MPI. NCCL is looked for when the first CUDA tensor comes, so a job on CPUs needs none.
/// </summary>
/// <remarks>
/// An operation on a CUDA tensor returns when it is queued. One that is lost, by the limits of
/// <see cref="RankLimits"/>, is aborted and reported by the next operation of either kind: no update is made in
/// between, because every step ends with an exchange of numbers (R11).
/// </remarks>
public sealed class NcclCollectives : ICollectives, IDisposable
{
    private readonly MpiCollectives _host;
    private readonly Lock _gate = new();
    private NcclChannel? _channel;
    private Device? _device;

    /// <summary>Puts NCCL beside MPI.</summary>
    /// <param name="host">The job; not disposed here.</param>
    public NcclCollectives(MpiCollectives host) => _host = host;

    /// <inheritdoc/>
    public int Rank => _host.Rank;

    /// <inheritdoc/>
    public int WorldSize => _host.WorldSize;

    /// <inheritdoc/>
    public TimeSpan Waited => _host.Waited;

    /// <inheritdoc/>
    public void SumInPlace(Tensor tensor)
    {
        if (ChannelFor(tensor) is { } channel)
            OnDevice("sum of", tensor, operation => channel.Sum(operation, tensor));
        else
            _host.SumInPlace(tensor);
    }

    /// <inheritdoc/>
    public IPendingSum StartSum(Tensor tensor)
    {
        if (ChannelFor(tensor) is not { } channel)
            return _host.StartSum(tensor);

        IPendingSum pending = CompletedSum.Instance;
        OnDevice("sum of", tensor, operation => pending = channel.StartSum(operation, tensor));
        return pending;
    }

    /// <inheritdoc/>
    public Tensor Gather(Tensor tensor)
    {
        if (ChannelFor(tensor) is not { } channel || tensor.dim() == 0)
            return _host.Gather(tensor);

        Tensor all = tensor;
        OnDevice("gather of", tensor, operation => all = channel.Gather(operation, tensor));
        return all;
    }

    /// <inheritdoc/>
    public void BroadcastInPlace(Tensor tensor)
    {
        if (ChannelFor(tensor) is { } channel)
            OnDevice("broadcast of", tensor, operation => channel.Broadcast(operation, tensor));
        else
            _host.BroadcastInPlace(tensor);
    }

    /// <inheritdoc/>
    public void Barrier()
    {
        ThrowIfLost();
        _host.Barrier();
    }

    /// <inheritdoc/>
    public void WaitForFirst()
    {
        ThrowIfLost();
        _host.WaitForFirst();
    }

    /// <summary>Takes leave of the other ranks' devices; they must do the same.</summary>
    public void Dispose() => _channel?.Dispose();

    /// <summary>Whether a tensor travels by NCCL.</summary>
    internal static bool TravelsByNccl(DeviceType device) => device == DeviceType.CUDA;

    private NcclChannel? ChannelFor(Tensor tensor)
    {
        ThrowIfLost();
        if (WorldSize == 1 || !TravelsByNccl(tensor.device_type))
            return null;

        lock (_gate)
            _channel ??= Open(tensor.device);

        return tensor.device_index == _device!.index
            ? _channel
            : throw new ArgumentException(
                $"A rank uses one CUDA device for all that it exchanges: {_device}; found a tensor on {tensor.device}.",
                nameof(tensor));
    }

    // Every rank comes here with its first CUDA tensor, which is the same operation on all of them.
    private NcclChannel Open(Device device)
    {
        var nccl = new NcclApi(NcclLibrary.Require());
        CudaDriver cuda = CudaDriver.Load();
        using Tensor id = tensor(
            Rank == 0 ? nccl.NewUniqueId().ToArray() : new byte[NcclUniqueId.Size], ScalarType.Byte);
        _host.BroadcastInPlace(id);
        _device = device;
        NcclChannel? channel = null;
        OnDevice("meeting by NCCL", null, meeting => channel = new NcclChannel(
            meeting, nccl, cuda, device.index, NcclUniqueId.Of(id.data<byte>().ToArray()), Rank, WorldSize,
            _host.NewWait()));
        return channel!;
    }

    private void OnDevice(string verb, Tensor? tensor, Action<RankOperation> queue)
    {
        RankOperation operation = _host.Announce(verb, tensor);
        try
        {
            queue(operation);
        }
        catch (CollectiveException e)
        {
            throw _host.Lost(operation, e);
        }
    }

    private void ThrowIfLost()
    {
        if (_channel?.Lost is { } loss)
            throw _host.Lost(loss.Operation, loss.Cause);
    }
}
