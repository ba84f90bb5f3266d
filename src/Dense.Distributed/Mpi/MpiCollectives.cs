using System.Runtime.InteropServices;
using Dense.Distributed.Liveness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Mpi;

/// <summary>
/// The ranks of an MPI job: Open MPI by P/Invoke, directly on the memory of CPU tensors. CUDA tensors pass through the
/// host. Every operation is a non-blocking one that is waited for with a limit, so that a lost rank ends the others.
/// </summary>
/// <remarks>
/// Sums of two ranks are those of an ordinary addition, bit for bit; with more ranks the order of additions is MPI's,
/// the same on all ranks. Several pieces of a large tensor travel at once: measured faster than one
/// (docs/distributed.md).
/// </remarks>
public sealed unsafe class MpiCollectives : ICollectives, IDisposable
{
    private const int PieceElements = 1 << 20;
    private const int PieceBytes = 1 << 22;
    private const int LargestWhole = 1 << 26;
    private const int BeatMilliseconds = 500;
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly MpiProgress _progress = new();
    private readonly RankLimits _limits;
    private readonly RankBoard? _board, _ownBoard;
    private readonly MachineBeats? _beats;
    private readonly RankWait _patience;
    private readonly Timer? _beat;
    private long _operations;
    private bool _ended;

    private MpiCollectives(RankLimits limits, RankBoard? board)
    {
        OpenMpi.Check(OpenMpi.Rank(OpenMpi.World, out int rank));
        OpenMpi.Check(OpenMpi.Size(OpenMpi.World, out int size));
        Rank = rank;
        WorldSize = size;
        _limits = limits;
        board?.Enter(rank);
        if (board is null && size > 1)
        {
            var start = new RankWait(rank, limits, board: null);
            board = _ownBoard = MachineBoard.Enter(rank, size, start, _gate);
            _beats = MachineBeats.Create(rank, size, board, start, _gate);
        }

        _board = board;
        _patience = NewWait();
        _beat = _beats is null ? null : new Timer(_ => _beats.Pump(), null, BeatMilliseconds, BeatMilliseconds);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int WorldSize { get; }

    /// <inheritdoc/>
    public TimeSpan Waited => _patience.Total;

    /// <summary>What the ranks of this machine know of each other; null for a single rank without a launcher.</summary>
    public RankBoard? Board => _board;

    /// <summary>Joins the other ranks; once per process.</summary>
    /// <param name="limits">How long to wait for others.</param>
    /// <param name="board">What the ranks of this machine know of each other; null without a launcher: then the ranks
    /// make their own. Not disposed here.</param>
    /// <exception cref="MpiNotFoundException">Open MPI cannot be used.</exception>
    public static MpiCollectives Start(RankLimits limits, RankBoard? board = null)
    {
        OpenMpi.Start();
        return new MpiCollectives(limits, board);
    }

    /// <inheritdoc/>
    public void SumInPlace(Tensor tensor)
    {
        if (WorldSize == 1)
            return;

        Post(tensor).Wait();
    }

    /// <inheritdoc/>
    public IPendingSum StartSum(Tensor tensor)
    {
        if (WorldSize == 1)
            return CompletedSum.Instance;

        Sum sum = Post(tensor);
        _progress.Drive(sum.Requests);
        return sum;
    }

    /// <inheritdoc/>
    public Tensor Gather(Tensor tensor)
    {
        if (WorldSize == 1)
            return tensor;

        if (tensor.dim() == 0)
        {
            throw new ArgumentException(
                "Ranks gather along dimension 0; found a tensor without dimensions.", nameof(tensor));
        }

        using DisposeScope scope = NewDisposeScope();
        using var own = new HostTensor(tensor);
        Tensor all = empty([tensor.shape[0] * WorldSize, .. tensor.shape[1..]], tensor.dtype, CPU);
        using var host = new HostTensor(all);
        if (own.Bytes <= LargestWhole)
            GatherWhole(tensor, own, host);
        else
            GatherPieces(tensor, own, host);

        return all.to(tensor.device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void BroadcastInPlace(Tensor tensor)
    {
        if (WorldSize == 1)
            return;

        using var host = new HostTensor(tensor);
        Run("broadcast of", tensor, Pieces(host.Bytes, PieceBytes), (start, count) =>
            Broadcast(host.Address + start, count, root: 0));
        host.CopyBack();
    }

    /// <inheritdoc/>
    public void Barrier() => Meet("barrier", patient: false);

    /// <inheritdoc/>
    public void WaitForFirst() => Meet("wait for rank 0", patient: true);

    /// <summary>Ends the whole job at once; does not return.</summary>
    /// <param name="code">The exit code of the job.</param>
    public void Abort(int code)
    {
        _ended = true;

        // MPI_Abort asks the launcher, which may be behind a link that is cut.
        new Thread(() =>
        {
            Thread.Sleep(AbortLimit);
            Exit(code);
        })
        {
            IsBackground = true,
        }.Start();
        _ = OpenMpi.Abort(OpenMpi.World, code);
    }

    /// <summary>Takes leave of the other ranks, which must do the same: waits for all of them.</summary>
    public void Dispose()
    {
        if (_ended)
            return;

        _ended = true;
        StopBeats();
        _board?.Leave(Rank);
        lock (_gate)
        {
            _beats?.Release();
            _ = OpenMpi.Finish();
        }

        _ownBoard?.Dispose();
    }

    private void StopBeats()
    {
        using var stopped = new ManualResetEvent(false);
        if (_beat is not null && _beat.Dispose(stopped))
            stopped.WaitOne();
    }

    private void GatherWhole(Tensor tensor, HostTensor own, HostTensor all) =>
        Run("gather of", tensor, [(0, 0)], (_, _) =>
        {
            int bytes = (int)own.Bytes;
            OpenMpi.Check(OpenMpi.AllGather(
                own.Address, bytes, OpenMpi.Byte, all.Address, bytes, OpenMpi.Byte, OpenMpi.World, out nint request));
            return request;
        });

    // MPI counts in int: a large part is sent piece by piece to its place.
    private void GatherPieces(Tensor tensor, HostTensor own, HostTensor all)
    {
        Buffer.MemoryCopy(own.Address, all.Address + Rank * own.Bytes, own.Bytes, own.Bytes);
        for (int r = 0; r < WorldSize; r++)
        {
            byte* part = all.Address + r * own.Bytes;
            int root = r;
            Run("gather of", tensor, Pieces(own.Bytes, PieceBytes), (start, count) =>
                Broadcast(part + start, count, root));
        }
    }

    private static nint Broadcast(byte* buffer, int count, int root)
    {
        OpenMpi.Check(OpenMpi.Broadcast(buffer, count, OpenMpi.Byte, root, OpenMpi.World, out nint request));
        return request;
    }

    private Sum Post(Tensor tensor)
    {
        ScalarType type = SumTypes.Summed(tensor.dtype);
        nint handle = MpiTypes.Of(type);
        var host = new HostTensor(tensor, type);
        RankOperation operation = Announce("sum of", tensor);
        MpiRequests requests = Launch(operation, Pieces(host.Count, PieceElements), (start, count) =>
        {
            OpenMpi.Check(OpenMpi.AllReduce(
                OpenMpi.InPlace, host.Address + start * host.ElementSize, count, handle, OpenMpi.Sum, OpenMpi.World,
                out nint request));
            return request;
        });
        return new Sum(this, operation, host, requests);
    }

    private void Meet(string name, bool patient)
    {
        if (WorldSize == 1)
            return;

        Run(name, null, [(0, 0)], (_, _) =>
        {
            OpenMpi.Check(OpenMpi.Barrier(OpenMpi.World, out nint request));
            return request;
        }, patient);
    }

    private void Run(
        string verb,
        Tensor? tensor,
        IEnumerable<(long Start, int Count)> pieces,
        Func<long, int, nint> start,
        bool patient = false)
    {
        RankOperation operation = Announce(verb, tensor);
        Finish(operation, Launch(operation, pieces, start), patient);
    }

    /// <summary>Waits for operations with this job's limits, for one thread.</summary>
    internal RankWait NewWait() => new(Rank, _limits, _board, _beats);

    /// <summary>Numbers an operation and lets the other ranks know that this one has come to it.</summary>
    internal RankOperation Announce(string verb, Tensor? tensor)
    {
        var operation = new RankOperation(Interlocked.Increment(ref _operations), verb, tensor);
        _board?.Arrive(Rank, operation);
        return operation;
    }

    /// <summary>What happened to an operation, with this rank and the operation named.</summary>
    internal RankLostException Lost(RankOperation operation, Exception cause) =>
        new($"Rank {Rank} of {WorldSize}, {operation}: {cause.Message}");

    // All pieces start before the first is waited for.
    private MpiRequests Launch(
        RankOperation operation, IEnumerable<(long Start, int Count)> pieces, Func<long, int, nint> start)
    {
        try
        {
            lock (_gate)
                return new MpiRequests([.. pieces.Select(p => start(p.Start, p.Count))], _gate);
        }
        catch (RankLostException e)
        {
            throw Lost(operation, e);
        }
    }

    private void Finish(RankOperation operation, MpiRequests requests, bool patient = false)
    {
        try
        {
            _patience.For(requests.Advance, operation, patient);
        }
        catch (RankLostException e)
        {
            throw Lost(operation, e);
        }
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);

    private static IEnumerable<(long Start, int Count)> Pieces(long total, int most)
    {
        for (long start = 0; start < total; start += most)
            yield return (start, (int)Math.Min(most, total - start));
    }

    private sealed class Sum(MpiCollectives ranks, RankOperation operation, HostTensor host, MpiRequests requests)
        : IPendingSum
    {
        public MpiRequests Requests => requests;

        public void Wait()
        {
            using (host)
            {
                ranks.Finish(operation, requests);
                host.CopyBack();
            }
        }
    }
}
