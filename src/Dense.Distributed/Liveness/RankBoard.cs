using System.IO.MemoryMappedFiles;
using System.Text;

namespace Dense.Distributed.Liveness;

/// <summary>
/// What the ranks of one machine show each other and their launcher: a small shared file with a line per rank of the
/// job, holding its process, its last sign of life and its last operation. Written without system calls. Lines of ranks
/// of other machines stay empty.
/// </summary>
public sealed unsafe class RankBoard : IDisposable
{
    /// <summary>The environment variable by which ranks find the file.</summary>
    public const string PathVariable = "DENSECL_RANK_BOARD";

    private const int SlotSize = 256, TextOffset = 32, LongestText = SlotSize - TextOffset;
    private const int BeatMilliseconds = 250;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _memory;
    private Timer? _beat;

    private RankBoard(MemoryMappedFile file, int size)
    {
        _file = file;
        _view = file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
        Size = size;
    }

    /// <summary>Number of ranks.</summary>
    public int Size { get; }

    /// <summary>The ranks of this machine: those that have signed on.</summary>
    public IEnumerable<int> Present => Enumerable.Range(0, Size).Where(r => this[r].Process > 0);

    /// <summary>The rank whose failure came first; null while none failed.</summary>
    public int? FailedRank => Failure?.Rank;

    /// <summary>
    /// The rank whose failure came first and the exit code that it wants for the job; null while none failed.
    /// </summary>
    public (int Rank, int Code)? Failure =>
        Volatile.Read(ref Claim) is var claim and not 0 ? ((int)(claim >> 32) - 1, (int)claim) : null;

    private ref long Claim => ref *(long*)_memory;

    /// <summary>Creates the file for a job.</summary>
    public static RankBoard Create(string path, int size)
    {
        using (FileStream file = File.Create(path))
            file.SetLength((size + 1L) * SlotSize);

        return Open(path);
    }

    /// <summary>Opens the file of a job.</summary>
    public static RankBoard Open(string path) => new(
        MemoryMappedFile.CreateFromFile(path, FileMode.Open), (int)(new FileInfo(path).Length / SlotSize) - 1);

    /// <summary>Opens the file of a job without a launcher; the first rank of a machine creates it.</summary>
    internal static RankBoard OpenOrCreate(string path, int size) => new(
        MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, (size + 1L) * SlotSize), size);

    /// <summary>Opens the file that the environment names; null when there is none.</summary>
    public static RankBoard? FromEnvironment() =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path && File.Exists(path)
            ? Open(path)
            : null;

    /// <summary>Signs on as a rank and gives signs of life from now on.</summary>
    public void Enter(int rank)
    {
        Slot* slot = Line(rank);
        slot->Process = Environment.ProcessId;
        Volatile.Write(ref slot->LastSign, Environment.TickCount64);
        _beat = new Timer(
            _ => Volatile.Write(ref slot->LastSign, Environment.TickCount64), null, BeatMilliseconds, BeatMilliseconds);
    }

    /// <summary>Notes that a rank has come to an operation.</summary>
    public void Arrive(int rank, RankOperation operation)
    {
        Slot* slot = Line(rank);
        var text = new Span<byte>((byte*)slot + TextOffset, LongestText);
        text.Clear();
        Encoding.UTF8.TryGetBytes(operation.ToString(), text, out _);
        Volatile.Write(ref slot->Operation, operation.Number);
        Volatile.Write(ref slot->LastSign, Environment.TickCount64);
    }

    /// <summary>Notes that a rank has done its work.</summary>
    public void Leave(int rank) => Volatile.Write(ref Line(rank)->Finished, 1);

    /// <summary>Claims to be the rank that failed first, whose message and exit code count (E-152).</summary>
    /// <param name="rank">This rank.</param>
    /// <param name="code">The exit code, 0 … 255.</param>
    /// <returns>False when another rank failed before.</returns>
    public bool ClaimFailure(int rank, int code) =>
        Interlocked.CompareExchange(ref Claim, ((rank + 1L) << 32) | (uint)code, 0) == 0;

    /// <summary>What is known of a rank.</summary>
    public RankState this[int rank]
    {
        get
        {
            Slot* slot = Line(rank);
            var text = new ReadOnlySpan<byte>((byte*)slot + TextOffset, LongestText);
            int end = text.IndexOf((byte)0);
            return new RankState(
                slot->Process,
                Volatile.Read(ref slot->Finished) != 0,
                TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref slot->LastSign)),
                Volatile.Read(ref slot->Operation),
                Encoding.UTF8.GetString(end < 0 ? text : text[..end]));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using (var stopped = new ManualResetEvent(false))
        {
            if (_beat is not null && _beat.Dispose(stopped))
                stopped.WaitOne();
        }

        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private Slot* Line(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Size);
        return (Slot*)(_memory + (rank + 1L) * SlotSize);
    }

    private struct Slot
    {
        public int Process;
        public int Finished;
        public long LastSign;
        public long Operation;
    }
}
