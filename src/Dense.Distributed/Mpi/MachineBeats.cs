using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Dense.Distributed.Liveness;

namespace Dense.Distributed.Mpi;

/// <summary>
/// Signs of life between machines. In a ring of the machines, the first rank of each sends one a second to that of the
/// next: when links are cut, every part of the ring has a machine that hears nothing any more. Its ranks learn it by
/// their <see cref="RankBoard"/>.
/// </summary>
internal sealed unsafe class MachineBeats
{
    private const int Tag = 7531;
    private const int NameBytes = 60;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate;
    private readonly int _next, _previous;
    private nint _request;
    private bool _isSending;
    private long _sent, _heard = Stopwatch.GetTimestamp();

    private MachineBeats(Lock gate, int next, int previous, string previousName) =>
        (_gate, _next, _previous, PreviousName) = (gate, next, previous, previousName);

    /// <summary>The machine that this one listens to, such as <c>node7 (ranks 8, 9)</c>.</summary>
    public string PreviousName { get; }

    /// <summary>How long nothing has come from it.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(_heard);

    /// <summary>Finds the machines of a job; all ranks call this, after all have signed on.</summary>
    /// <param name="rank">This process.</param>
    /// <param name="size">Number of processes.</param>
    /// <param name="board">The ranks of this machine.</param>
    /// <param name="wait">Waits for the others.</param>
    /// <param name="gate">Held during every call of MPI.</param>
    /// <returns>Null with one machine, and for all but the first rank of a machine.</returns>
    public static MachineBeats? Create(int rank, int size, RankBoard board, RankWait wait, Lock gate)
    {
        Place[] places = Gather(new Place(board.Present.First(), Environment.MachineName), size, wait, gate);
        int[] leaders = [.. places.Select(p => p.Leader).Distinct().Order()];
        int own = Array.IndexOf(leaders, rank);
        if (leaders.Length == 1 || own < 0)
            return null;

        int previous = leaders[(own + leaders.Length - 1) % leaders.Length];
        IEnumerable<int> ranks = Enumerable.Range(0, size).Where(r => places[r].Leader == previous);
        return new MachineBeats(
            gate, leaders[(own + 1) % leaders.Length], previous,
            $"{places[previous].Name} (ranks {string.Join(", ", ranks)})");
    }

    /// <summary>Sends what is due and takes what has come, unless MPI is busy. Its errors show as silence.</summary>
    public void Pump()
    {
        if (!_gate.TryEnter())
            return;

        try
        {
            Exchange();
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Gives back what is under way; called with the gate held, when nothing is pumped any more.</summary>
    public void Release()
    {
        if (_isSending)
            _ = OpenMpi.Free(ref _request);
    }

    private void Exchange()
    {
        if (_isSending && OpenMpi.Test(ref _request, out int done, 0) == 0)
            _isSending = done == 0;

        if (!_isSending && Stopwatch.GetElapsedTime(_sent) >= Interval)
        {
            _sent = Stopwatch.GetTimestamp();
            _isSending = OpenMpi.Send(null, 0, OpenMpi.Byte, _next, Tag, OpenMpi.World, out _request) == 0;
        }

        while (OpenMpi.Probe(_previous, Tag, OpenMpi.World, out int there, 0) == 0 && there != 0)
        {
            if (OpenMpi.Receive(null, 0, OpenMpi.Byte, _previous, Tag, OpenMpi.World, 0) != 0)
                return;

            _heard = Stopwatch.GetTimestamp();
        }
    }

    private static Place[] Gather(Place own, int size, RankWait wait, Lock gate)
    {
        const int length = sizeof(int) + NameBytes;
        byte[] mine = new byte[length], all = new byte[length * size];
        BitConverter.TryWriteBytes(mine, own.Leader);
        Encoding.UTF8.TryGetBytes(own.Name, mine.AsSpan(sizeof(int)), out _);
        fixed (byte* send = mine, receive = all)
        {
            OpenMpi.Check(OpenMpi.AllGather(
                send, length, OpenMpi.Byte, receive, length, OpenMpi.Byte, OpenMpi.World, out nint request));
            wait.For(new MpiRequests([request], gate).Advance, new RankOperation(0, "start", null));
        }

        return [.. all.Chunk(length).Select(p => new Place(
            MemoryMarshal.Read<int>(p), Encoding.UTF8.GetString(p.AsSpan(sizeof(int))).TrimEnd('\0')))];
    }

    private sealed record Place(int Leader, string Name);
}
