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
        catch (Exception e) when (Tell(e, job))
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

    // A filter, and so before anything between here and the failure is disposed: that takes its time, and those that
    // the failure takes along would speak first.
    private static bool Tell(Exception e, MpiCollectives job)
    {
        if (e is CollectiveException)
            SpinWait.SpinUntil(() => job.Board?.FailedRank is not null, Courtesy);

        if (job.Board?.ClaimFailure(job.Rank, CodeOf(e)) ?? true)
            Console.Error.WriteLine($"densecl: {CommandLine.Explain(e) ?? e.ToString()}");

        return true;
    }

    private static void EndAll(Exception e, MpiCollectives job)
    {
        if (job.Board?.FailedRank is { } failed && failed != job.Rank)
            Thread.Sleep(Courtesy);

        job.Abort(CodeOf(e));
    }

    private static int CodeOf(Exception e) =>
        e is CollectiveException ? LocalLauncher.RanksLost : CommandLine.CodeOf(e);
}
