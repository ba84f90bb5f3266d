using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;

namespace Dense.Cli.Launch;

/// <summary>Runs a command as one of the ranks of a job, or alone where this process is none.</summary>
internal static class RankProcess
{
    // The rank that caused a failure speaks; those that it took along wait so long for its word, and for their end.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(3);

    /// <summary>Runs the command; a failure ends all ranks (E-152).</summary>
    /// <param name="command">What to do with the other ranks; gives the exit code, of which the first rank's counts.</param>
    public static int Run(Func<ICollectives, int> command)
    {
        RankEnvironment.RequirePmix();
        if (!RankEnvironment.IsRank)
            return command(SingleProcess.Instance);

        using RankBoard? board = RankBoard.FromEnvironment();
        using MpiCollectives job = RankEnvironment.Join(board);
        using var ranks = new NcclCollectives(job);
        if (ranks.Rank != 0)
            Console.SetOut(TextWriter.Null); // Results are printed once.

        try
        {
            int code = command(ranks);
            return ranks.Rank == 0 ? code : CommandLine.Done;
        }
        catch (Exception e)
        {
            EndAll(e, job);
            throw;
        }
    }

    /// <summary>This rank's own device, where a setting means any CUDA device.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="isCuda">Whether it leads to a CUDA device on this machine.</param>
    public static string DeviceOf(string name, bool isCuda) =>
        RankEnvironment.IsRank && isCuda && !name.Contains(':') ? $"cuda:{RankEnvironment.LocalRank}" : name;

    private static void EndAll(Exception e, MpiCollectives job)
    {
        RankBoard? board = job.Board;
        bool isVictim = e is CollectiveException;
        if (isVictim)
            SpinWait.SpinUntil(() => board?.FailedRank is not null, Courtesy);

        int code = isVictim ? LocalLauncher.RanksLost : CommandLine.CodeOf(e);
        if (board?.ClaimFailure(job.Rank, code) ?? true)
            Console.Error.WriteLine($"densecl: {CommandLine.Explain(e) ?? e.ToString()}");
        else
            Thread.Sleep(Courtesy);

        job.Abort(code);
    }
}
