using Dense.Distributed.Launch;
using Dense.Distributed.Mpi;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>
/// Ranks as processes give what ranks as threads give, which <see cref="TrajectoryTests"/> compares with the reference.
/// Needs Debian's openmpi-bin.
/// </summary>
[Trait("Category", "Mpi")]
public class ProcessTrajectoryTests
{
    private const int WorldSize = 2;
    private const string TypeVariable = "DENSE_TESTS_TRAJECTORY_TYPE";
    private const string Compared = "compared with threads:";

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Processes_GiveTheBitsOfThreads(ScalarType type)
    {
        // mpirun starts this same test again, in processes that are ranks.
        if (RankEnvironment.IsRank)
        {
            CompareAsRank(type);
            return;
        }

        ChildProcess result = ChildProcess.Run(
            "mpirun",
            [
                "--oversubscribe", "--allow-run-as-root", "-np", $"{WorldSize}", Environment.ProcessPath!,
                "-method", $"{typeof(ProcessTrajectoryTests).FullName}.{nameof(Processes_GiveTheBitsOfThreads)}",
            ],
            new Dictionary<string, string> { [RankLimits.CollectiveVariable] = "120", [TypeVariable] = $"{type}" });

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(WorldSize, result.Output.Split(Compared).Length - 1);
    }

    private static void CompareAsRank(ScalarType type)
    {
        // Each row of the theory starts ranks of its own, and those run all rows.
        if (Environment.GetEnvironmentVariable(TypeVariable) != $"{type}")
            return;

        MpiCollectives ranks = RankEnvironment.Join(board: null);
        TrajectoryCase[] cases =
            [.. TrajectoryTests.Cases.Select(row => new TrajectoryCase(row.Data)).Where(c => c.WorldSize == WorldSize)];
        Assert.NotEmpty(cases);
        foreach (TrajectoryCase @case in cases)
        {
            TrajectoryRun own = TrajectoryRun.OfRank(@case, ranks, type, channelsLast: false);
            TrajectoryRun threaded = TrajectoryRun.Of(@case, type, channelsLast: false)[ranks.Rank];
            AssertSame(threaded, own);
        }

        Console.WriteLine($"{Compared} {cases.Length} cases");
        ranks.Dispose();
    }

    private static void AssertSame(TrajectoryRun expected, TrajectoryRun found)
    {
        Assert.Equal(expected.Scalars, found.Scalars);
        Assert.Equal(expected.FirstGradients, found.FirstGradients);
        Assert.Equal(expected.Momentum, found.Momentum);
        Assert.Equal(expected.Final.Count, found.Final.Count);
        foreach (var ((name, a), (_, b)) in expected.Final.Zip(found.Final))
            Assert.True(a.Bytes.Span.SequenceEqual(b.Bytes.Span), $"{name} differs.");
    }
}
