using Dense.Distributed.Launch;

namespace Dense.Distributed.Tests;

/// <summary>R12, E-152: one of four processes is lost; the others end, and the message names it.</summary>
[Trait("Category", "Mpi")]
public class LostRankTests
{
    private const int RanksLost = 75;

    [Fact]
    public void KilledRank_EndsTheOthersAndIsNamedWithItsLastOperation()
    {
        ChildProcess result = RankProgram.Launch(4, ["die", "2"]);

        Assert.Equal(Signals.ExitCode(Signals.Kill), result.ExitCode);
        Assert.Contains("Rank 2 of 4 ended by signal 9", result.Errors);
        Assert.Contains("last in operation 5, sum of Float32 [8]", result.Errors);
        AssertNoOrphans(result, 4);
    }

    [Fact]
    public void StoppedRank_EndsTheOthersAfterItsSilence()
    {
        ChildProcess result = RankProgram.Launch(4, ["stop", "1"], variables: ("DENSECL_SILENCE_TIMEOUT", "2"));

        Assert.Equal(RanksLost, result.ExitCode);
        Assert.Contains("rank 1 has given no sign of life for 2 s", result.Errors);
        Assert.Contains("last in operation 5, sum of Float32 [8]", result.Errors);
        AssertNoOrphans(result, 4);
    }

    [Fact]
    public void RankThatDoesNotCome_EndsTheOthersAfterTheLimitOfAnOperation()
    {
        ChildProcess result = RankProgram.Launch(4, ["late", "3"], variables: ("DENSECL_COLLECTIVE_TIMEOUT", "2"));

        Assert.Equal(RanksLost, result.ExitCode);
        Assert.Contains(
            "operation 6, sum of Float32 [8]: not all ranks came within 2 s: rank 3 is missing", result.Errors);
        AssertNoOrphans(result, 4);
    }

    [Fact]
    public void WorkOfTheFirstRank_MayTakeLongerThanTheLimitOfAnOperation()
    {
        ChildProcess result =
            RankProgram.Launch(2, ["first", "4"], variables: ("DENSECL_COLLECTIVE_TIMEOUT", "2"));

        Assert.True(result.ExitCode == 0, result.Errors);
    }

    [Fact]
    public void RankThatDoesNotCome_EndsTheOthersWithoutALauncherToo()
    {
        ChildProcess result = RankProgram.MpiRun(2, ["late", "1"], ("DENSECL_COLLECTIVE_TIMEOUT", "2"));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(
            "Rank 0 of 2, operation 6, sum of Float32 [8]: not all ranks came within 2 s: rank 1 is missing",
            result.Errors);
        AssertNoOrphans(result, 2);
    }

    [Fact]
    public void StoppedRank_IsNamedByTheOthersWithoutALauncherToo()
    {
        ChildProcess result = RankProgram.MpiRun(4, ["stop", "1"], ("DENSECL_SILENCE_TIMEOUT", "2"));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("rank 1 has given no sign of life for 2 s", result.Errors);
        Assert.Contains("last in operation 5, sum of Float32 [8]", result.Errors);
        AssertNoOrphans(result, 4);
    }

    // As srun without --kill-on-bad-exit: whoever started the ranks does not care that one is lost.
    [Fact]
    public void KilledRank_IsNamedByTheOthersWhenNobodyElseNotices()
    {
        ChildProcess result = RankProgram.MpiRun(
            4, ["die", "2"], ("DENSECL_SILENCE_TIMEOUT", "2"), ("OMPI_MCA_orte_enable_recovery", "1"));

        Assert.Contains("rank 2 has given no sign of life for 2 s", result.Errors);
        Assert.Contains("last in operation 5, sum of Float32 [8]", result.Errors);
        AssertNoOrphans(result, 4);
    }

    [Fact]
    public void FailedRank_EndsTheOthersAndOnlyItsMessageIsShown()
    {
        ChildProcess result = RankProgram.Launch(4, ["fail", "3"], restarts: 3);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the scenario's own failure", result.Errors);
        Assert.DoesNotContain("has failed", result.Errors);
        Assert.DoesNotContain("Restart", result.Errors);
        AssertNoOrphans(result, 4);
    }

    [Fact]
    public void KilledRank_IsReplacedByARestart()
    {
        ChildProcess result = RankProgram.Launch(2, ["die", "1"], restarts: 2);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Rank 1 of 2 ended by signal 9", result.Errors);
        Assert.Contains("Restart 1 of 2", result.Errors);
        Assert.DoesNotContain("Restart 2", result.Errors);
    }

    // E-152: all attempts would end alike.
    [Fact]
    public void RanksThatDisagree_AreNotStartedAgain()
    {
        ChildProcess result = RankProgram.Launch(2, ["disagree"], restarts: 2);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the copies differ", result.Errors);
        Assert.DoesNotContain("Restart", result.Errors);
    }

    [Fact]
    public void Mpirun_DoesNotOutliveItsRanks()
    {
        using var folder = new TempFolder();
        string path = Environment.GetEnvironmentVariable("PATH")!;
        folder.Write("mpirun", $"""
            #!/bin/sh
            PATH={path} mpirun "$@"
            trap "" TERM
            sleep 600

            """);
        ChildProcess.Run("chmod", ["+x", folder["mpirun"]]);

        ChildProcess result = RankProgram.Launch(2, ["fail", "1"], variables: ("PATH", $"{folder.Path}:{path}"));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the scenario's own failure", result.Errors);
        Assert.Contains("mpirun has not ended with its ranks", result.Errors);
    }

    private static void AssertNoOrphans(ChildProcess result, int count)
    {
        int[] processes = [.. RankProgram.ProcessesIn(result.Output)];
        Assert.Equal(count, processes.Length);
        bool ended = SpinWait.SpinUntil(() => processes.All(p => !RankProgram.IsAlive(p)), TimeSpan.FromSeconds(60));
        Assert.True(ended, "A rank is still there after 60 s.");
    }
}
