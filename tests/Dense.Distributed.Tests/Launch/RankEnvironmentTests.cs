using Dense.Distributed.Launch;

namespace Dense.Distributed.Tests.Launch;

/// <summary>Who is a rank, by what mpirun and srun set.</summary>
[Collection(EnvironmentVariables.Alone)]
public class RankEnvironmentTests
{
    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData("2", null, null, true)]
    [InlineData(null, "0", "2", true)]
    [InlineData(null, null, "1", false)]
    public void Launchers_AreRecognised(string? openMpiRank, string? pmixRank, string? slurmTasks, bool isRank)
    {
        using EnvironmentVariables variables = Set(openMpiRank, pmixRank, slurmTasks);

        Assert.Equal(isRank, RankEnvironment.IsRank);
        RankEnvironment.RequirePmix();
    }

    [Fact]
    public void TasksThatDoNotKnowEachOther_AreNoRanksAndMayNotStart()
    {
        using EnvironmentVariables variables = Set(null, null, "2");

        Assert.False(RankEnvironment.IsRank);
        Assert.Contains("srun --mpi=pmix", Assert.Throws<LaunchException>(RankEnvironment.RequirePmix).Message);
    }

    private static EnvironmentVariables Set(string? openMpiRank, string? pmixRank, string? slurmTasks) => new(
        ("OMPI_COMM_WORLD_RANK", openMpiRank), ("PMIX_RANK", pmixRank), ("SLURM_STEP_NUM_TASKS", slurmTasks));
}
