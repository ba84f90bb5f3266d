using Dense.Torch.Tests.Ranks;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>
/// Ranks as processes give what ranks as threads give, which <see cref="TrajectoryTests"/> compares with the reference.
/// </summary>
[Trait("Category", "Mpi")]
public class ProcessTrajectoryTests
{
    private const int WorldSize = 2;

    [Fact]
    public void Processes_GiveTheBitsOfThreads() => RankTest.Run<ProcessTrajectoryTests>(WorldSize, ranks =>
    {
        TrajectoryCase[] cases =
            [.. TrajectoryTests.Cases.Select(row => new TrajectoryCase(row.Data)).Where(c => c.WorldSize == WorldSize)];
        Assert.NotEmpty(cases);
        foreach (TrajectoryCase @case in cases)
        {
            foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
            {
                TrajectoryRun own = TrajectoryRun.OfRank(@case, ranks, type, channelsLast: false);
                TrajectoryRun threaded = TrajectoryRun.Of(@case, type, channelsLast: false)[ranks.Rank];
                TrajectoryRun.AssertSame(threaded, own);
                TrajectoryRun overlapped =
                    TrajectoryRun.OfRank(@case, ranks, type, channelsLast: false, overlaps: true);
                TrajectoryRun.AssertSame(threaded, overlapped);
            }
        }
    });
}
