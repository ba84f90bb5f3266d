using Dense.Configuration;
using Dense.Training.Detection.Settings;

namespace Dense.Torch.Tests.Training.Detection.Settings;

/// <summary>A run fitted to the number of its processes (E-86, E-87).</summary>
public class WorldSizeScalingTests
{
    private static readonly string Fcos = RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x_DenseCL.yaml");

    [Fact]
    public void Scaling_FollowsTheReferenceWorldSize()
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Fcos,
            ["SOLVER.REFERENCE_WORLD_SIZE", "8", "TEST.EVAL_PERIOD", "5", "SOLVER.CHECKPOINT_PERIOD", "7"]);

        ScaledRun scaled = WorldSizeScaling.Apply(configuration, worldSize: 16);

        DetectionSolverSettings solver = scaled.Settings.Solver;
        Assert.Equal((32, 0.02, 45000, 500, 4, 16),
            (solver.ImagesPerBatch, solver.BaseRate, solver.MaxIterations, solver.WarmupIterations,
            solver.CheckpointPeriod, solver.ReferenceWorldSize));
        Assert.Equal([30000, 40000], solver.Steps);
        Assert.Equal(2, scaled.Settings.Test.EvaluationPeriod);
        Assert.Contains(new ScaledValue("SOLVER.STEPS", "60000, 80000", "30000, 40000"), scaled.Changes);
        Assert.Empty(WorldSizeScaling.Apply(configuration, worldSize: 8).Changes);
    }

    // E-82 c: rounding lays one step on another, on the end, or leaves nothing.
    [Theory]
    [InlineData("(3, 5)", "20", "(1, 1) of 5")]
    [InlineData("(10, 19)", "20", "(2, 5) of 5")]
    [InlineData("()", "2", "() of 0")]
    public void Scaling_RefusesAScheduleThatIsTooShortForIt(string steps, string iterations, string found)
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Fcos,
            ["SOLVER.REFERENCE_WORLD_SIZE", "1", "SOLVER.STEPS", steps, "SOLVER.MAX_ITER", iterations]);

        var e = Assert.Throws<ConfigurationException>(() => WorldSizeScaling.Apply(configuration, worldSize: 4));

        Assert.Contains(found, e.Message);
    }

    [Fact]
    public void Batch_MustDivideAmongTheProcesses()
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(Fcos, []);

        Assert.Equal(4, WorldSizeScaling.ImagesPerProcess(configuration, configuration.Settings.Solver, 4));
        var error = Assert.Throws<ConfigurationException>(
            () => WorldSizeScaling.ImagesPerProcess(configuration, configuration.Settings.Solver, 3));
        Assert.Contains("expected a multiple of the number of processes, which is 3, found 16.", error.Message);
    }
}
