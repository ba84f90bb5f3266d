using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;
using Dense.Torch.Native;
using TorchSharp;

namespace Dense.Cli.Launch;

/// <summary>Runs a command as one of the ranks of a job, or alone where this process is none.</summary>
internal static class RankProcess
{
    // The rank that caused a failure speaks; those that it took along wait so long for its word, and for their end.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(3);

    /// <summary>Runs the command; a failure ends all ranks (E-152).</summary>
    /// <param name="command">What to do with the other ranks; gives the exit code, of which the first rank's
    /// counts.</param>
    public static int Run(Func<ICollectives, int> command)
    {
        RankEnvironment.RequirePmix();
        if (!RankEnvironment.IsRank)
            return command(SingleProcess.Instance);

        using RankBoard? board = RankBoard.FromEnvironment();
        try
        {
            using MpiCollectives job = RankEnvironment.Join(board);
            return Run(command, job);
        }
        catch (Exception e) when (!Claim(e, board, RankEnvironment.Rank))
        {
            Thread.Sleep(Courtesy); // Another rank speaks, and mpirun ends all when one is gone.
            return CommandLine.CodeOf(e);
        }
    }

    /// <summary>This rank's own device, where a setting means any CUDA device.</summary>
    /// <param name="name">The setting.</param>
    public static string DeviceOf(string name)
    {
        if (!RankEnvironment.IsRank || name is not ("cuda" or "auto"))
            return name;

        NativeStartup.Require();
        return DeviceOf(name, RankEnvironment.LocalRank, torch.cuda.is_available() ? torch.cuda.device_count() : 0);
    }

    /// <summary>The device of a rank.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="localRank">The rank's number on its machine.</param>
    /// <param name="devices">CUDA devices that the process sees: those of its machine, or its own alone.</param>
    internal static string DeviceOf(string name, int localRank, int devices) =>
        devices > 0 ? $"cuda:{localRank % devices}" : name;

    private static int Run(Func<ICollectives, int> command, MpiCollectives job)
    {
        using var ranks = new NcclCollectives(job);
        if (ranks.Rank != 0)
            Console.SetOut(TextWriter.Null); // Results are printed once.

        try
        {
            int code = command(ranks);
            return ranks.Rank == 0 ? code : CommandLine.Done;
        }
        catch (Exception e) when (Tell(e, job))
        {
            EndAll(e, job);
            throw;
        }
    }

    // A filter, and so before anything between here and the failure is disposed: that takes its time, and those that
    // the failure takes along would speak first.
    private static bool Tell(Exception e, MpiCollectives job)
    {
        if (Claim(e, job.Board, job.Rank))
            Console.Error.WriteLine($"densecl: {CommandLine.Explain(e) ?? e.ToString()}");

        return true;
    }

    private static void EndAll(Exception e, MpiCollectives job)
    {
        if (job.Board?.FailedRank is { } failed && failed != job.Rank)
            Thread.Sleep(Courtesy);

        job.Abort(CommandLine.CodeOf(e));
    }

    // Whether this rank is the one that speaks.
    private static bool Claim(Exception e, RankBoard? board, int rank)
    {
        if (e is CollectiveException)
            SpinWait.SpinUntil(() => board?.FailedRank is not null, Courtesy);

        return board?.ClaimFailure(rank, CommandLine.CodeOf(e)) ?? true;
    }
}
