using System.Runtime.CompilerServices;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Torch.Tests.Ranks;

/// <summary>
/// Tests whose body runs in several processes: <c>mpirun</c> starts the same test again, and there it finds itself to
/// be a rank. Needs Debian's openmpi-bin; such tests have the category Mpi.
/// </summary>
internal static class RankTest
{
    private const string Mark = "This rank's checks have passed.";

    /// <summary>Runs the body on every rank; a failure of one is shown with its text.</summary>
    /// <typeparam name="TTest">The calling class.</typeparam>
    /// <param name="processes">How many.</param>
    /// <param name="body">What a rank does; an exception fails the test.</param>
    /// <param name="method">The calling test, which must be a fact.</param>
    public static void Run<TTest>(int processes, Action<ICollectives> body, [CallerMemberName] string method = "")
    {
        if (RankEnvironment.IsRank)
            RunAsRank(body);
        else
            Start($"{typeof(TTest).FullName}.{method}", processes);
    }

    private static void Start(string test, int processes)
    {
        ChildProcess result = ChildProcess.Run(
            "mpirun",
            [
                "--oversubscribe", "--allow-run-as-root", "--bind-to", "none", "-np", $"{processes}",
                Environment.ProcessPath!, "-noColor", "-method", test,
            ],
            new Dictionary<string, string>
            {
                [RankLimits.CollectiveVariable] = "120",
                ["OMP_WAIT_POLICY"] = "PASSIVE",
            });

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(processes, result.Output.Split(Mark).Length - 1);
    }

    private static void RunAsRank(Action<ICollectives> body)
    {
        using MpiCollectives ranks = RankEnvironment.Join(board: null);
        try
        {
            body(ranks);
            Console.WriteLine(Mark);
        }
        catch (Exception e)
        {
            Console.WriteLine($"Rank {ranks.Rank}: {e}");
            ranks.Abort(1); // Others may wait for this rank.
            throw;
        }
    }
}
