using System.Security.Cryptography;
using Dense.Distributed.Liveness;

namespace Dense.Distributed.Mpi;

/// <summary>
/// Gives the ranks of a job that <c>mpirun</c> or <c>srun</c> started a <see cref="RankBoard"/> per machine, as the
/// launcher of one machine does: so they notice by themselves that one of them is silent (R12).
/// </summary>
internal static unsafe class MachineBoard
{
    private const int NameBytes = 12;
    private const string SharedMemory = "/dev/shm";

    /// <summary>Signs on; all ranks call this first.</summary>
    /// <param name="rank">This process.</param>
    /// <param name="size">Number of processes.</param>
    /// <param name="wait">Waits for the others.</param>
    /// <param name="gate">Held during every call of MPI.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static RankBoard Enter(int rank, int size, RankWait wait, Lock gate)
    {
        var start = new RankOperation(0, "start", null);
        byte[] name = RandomNumberGenerator.GetBytes(NameBytes);
        nint request;
        fixed (byte* first = name)
        {
            OpenMpi.Check(OpenMpi.Broadcast(first, NameBytes, OpenMpi.Byte, 0, OpenMpi.World, out request));
            wait.For(new MpiRequests([request], gate).Advance, start);
        }

        string path = PathOf(name);
        try
        {
            RankBoard board = RankBoard.OpenOrCreate(path, size);
            board.Enter(rank);
            OpenMpi.Check(OpenMpi.Barrier(OpenMpi.World, out request));
            wait.For(new MpiRequests([request], gate).Advance, start);
            return board;
        }
        finally
        {
            // All hold it by now, or the job has failed: it ends with the last of them, however they end.
            File.Delete(path);
        }
    }

    private static string PathOf(byte[] name) => Path.Combine(
        Directory.Exists(SharedMemory) ? SharedMemory : Path.GetTempPath(),
        $"densecl-ranks-{Convert.ToHexStringLower(name)}");
}
