using System.Diagnostics;
using Dense.Distributed.Liveness;

namespace Dense.Distributed.Mpi;

/// <summary>Waits for operations and looks meanwhile whether the other ranks live. For one thread.</summary>
/// <param name="rank">This process.</param>
/// <param name="limits">How long to wait.</param>
/// <param name="board">What is known of the others of this machine; null for nothing.</param>
/// <param name="beats">What is known of other machines; null for nothing.</param>
internal sealed class RankWait(int rank, RankLimits limits, RankBoard? board, MachineBeats? beats = null)
{
    // Ranks of a machine arrive within a step's jitter of each other; only after that is a rank worth sleeping for.
    private static readonly TimeSpan Eager = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Time spent here.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>Returns when an operation is complete.</summary>
    /// <param name="isDone">Moves the operation on and says whether it is complete.</param>
    /// <param name="operation">What is waited for.</param>
    /// <param name="patient">Wait as long as all ranks give signs of life.</param>
    /// <exception cref="RankLostException">A rank is lost, or <paramref name="isDone"/> reports an error.</exception>
    public void For(Func<bool> isDone, RankOperation operation, bool patient = false)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan looked = TimeSpan.Zero;
        while (!isDone())
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            if (waited < Eager)
                Thread.Yield();
            else
                Thread.Sleep(1);

            if (waited - looked < LookInterval)
                continue;

            looked = waited;
            Look(operation, waited, patient);
        }

        Total += Stopwatch.GetElapsedTime(start);
    }

    private void Look(RankOperation operation, TimeSpan waited, bool patient)
    {
        if (board?.FailedRank is { } failed && failed != rank)
            throw new RankLostException($"rank {failed} has failed.");

        if (board is not null && Silent(operation, waited) is { } silent)
        {
            throw new RankLostException($"rank {silent} has given no sign of life for "
                + $"{limits.Silence.TotalSeconds:0.#} s ({board[silent]}). It hangs or was stopped; its machine may be "
                + $"out of memory. {RankLimits.SilenceVariable} sets the limit.");
        }

        beats?.Pump();
        if (beats?.Silence > limits.Silence)
        {
            throw new RankLostException($"machine {beats.PreviousName} has given no sign of life for "
                + $"{limits.Silence.TotalSeconds:0.#} s. It is down, or the link to it is cut. "
                + $"{RankLimits.SilenceVariable} sets the limit.");
        }

        if (waited > limits.Collective && !patient)
        {
            throw new RankLostException($"not all ranks came within {limits.Collective.TotalSeconds:0.#} s"
                + $"{Missing(operation)}. {RankLimits.CollectiveVariable} sets the limit.");
        }
    }

    private int? Silent(RankOperation operation, TimeSpan waited)
    {
        if (waited <= limits.Silence)
            return null;

        foreach (int r in board!.Present.Where(r => r != rank))
        {
            RankState state = board[r];
            if (state.Silence > limits.Silence && (!state.Finished || state.Operation < operation.Number))
                return r;
        }

        return null;
    }

    private string Missing(RankOperation operation)
    {
        if (board is null)
            return "";

        int[] late = [.. board.Present.Where(r => board[r].Operation < operation.Number)];
        return late.Length == 0 ? "" : ": " + string.Join("; ", late.Select(r => $"rank {r} is missing ({board[r]})"));
    }
}
