using System.Diagnostics;

namespace Dense.Distributed.Tests;

/// <summary>
/// R12: the link between two machines is cut; the ranks on both ends end, and the message names the machine.
/// </summary>
[Trait("Category", "Mpi")]
public class CutLinkTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task CutLink_EndsTheRanksOfBothMachines()
    {
        (TwoMachines? created, string refusal) = TwoMachines.Create();
        Assert.SkipWhen(created is null, $"Network namespaces cannot be made here: {refusal}");
        using TwoMachines machines = created;
        using Process process = machines.Start(
            Path.Combine(AppContext.BaseDirectory, "Dense.Distributed.Ranks"), ["endless"],
            new() { ["DENSECL_SILENCE_TIMEOUT"] = "4", ["OMP_WAIT_POLICY"] = "PASSIVE" });
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        int[] ranks = [.. Enumerable.Range(0, 4).Select(_ => ReadProcess(process))];

        machines.Cut();

        bool ended = SpinWait.SpinUntil(() => ranks.All(r => !RankProgram.IsAlive(r)), Limit);
        process.Kill(entireProcessTree: true); // mpirun waits for its other half as long as TCP does.

        string said = await errors;
        Assert.True(ended, $"A rank is still there. {said}");
        Assert.Contains("machine second (ranks 2, 3) has given no sign of life for 4 s", said);
    }

    private static int ReadProcess(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (RankProgram.ProcessesIn(line).FirstOrDefault() is > 0 and var rank)
                return rank;
        }

        throw new InvalidOperationException($"The ranks did not start. {process.StandardError.ReadToEnd()}");
    }
}
