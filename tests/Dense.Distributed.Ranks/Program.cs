using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;
using Dense.Distributed.Ranks;
using TorchSharp;

// As launcher: launch PROCESSES RESTARTS SCENARIO …; as a rank: SCENARIO …
if (args is ["launch", var processes, var restarts, .. var scenario])
{
    var launcher = new LocalLauncher(
        new LaunchSettings
        {
            Program = Environment.ProcessPath!,
            Arguments = scenario,
            RestartArguments = () => [.. scenario, "again"],
            Processes = int.Parse(processes),
            MaxRestarts = int.Parse(restarts),
        }, Console.Error.WriteLine);
    LaunchResult result = launcher.Run();
    Console.Error.WriteLine(result.Loss);
    return result.ExitCode;
}

torch.set_num_threads(1);
using RankBoard? board = RankBoard.FromEnvironment();
using MpiCollectives ranks = RankEnvironment.Join(board);
try
{
    using var routed = new NcclCollectives(ranks);
    Scenarios.Run(args[^1] == "nccl" ? routed : ranks, args);
    return 0;
}
catch (Exception e)
{
    int code = e is RankLostException ? LocalLauncher.RanksLost : 1;
    if (ranks.Board?.ClaimFailure(ranks.Rank, code) ?? true)
        Console.Error.WriteLine(e is CollectiveException ? e.Message : e.ToString());

    ranks.Abort(code);
    throw;
}
