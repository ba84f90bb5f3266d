namespace Dense.Distributed.Tests;

/// <summary>The collectives through real processes.</summary>
[Trait("Category", "Mpi")]
public class MpiCollectivesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Collectives_GiveTheRightResultsForEveryTypeAndLayout(int processes) =>
        Succeeds(RankProgram.MpiRun(processes, ["collectives"]));

    [Fact]
    public void TensorsOfTheCpu_TravelByMpiWhereNcclStandsBesideIt() =>
        Succeeds(RankProgram.MpiRun(2, ["collectives", "nccl"]));

    [Fact]
    public void Collectives_RunUnderTheLauncher() => Succeeds(RankProgram.Launch(2, ["collectives"]));

    [Fact]
    public void NullReference_StaysAnExceptionAfterMpiHasStarted() => Succeeds(RankProgram.MpiRun(2, ["segfault"]));

    // 5 GB of memory.
    [Fact]
    [Trait("Category", "Soak")]
    public void Collectives_CarryMoreThanAnIntCounts() => Succeeds(RankProgram.MpiRun(2, ["large"]));

    private static void Succeeds(ChildProcess result) => Assert.True(result.ExitCode == 0, result.Errors);
}
