using System.Text.Json;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;

namespace Dense.Torch.Tests.Training.Detection.Solver;

public class DetectionScheduleTests
{
    private const double Relative = 1e-12;

    public static TheoryData<string> Cases =>
        [.. JsonDocument.Parse(File.ReadAllText(Golden.Require("detection", "pieces", "lr_schedule.json")))
            .RootElement.EnumerateObject().Select(p => p.Name)];

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Cases))]
    public void Rates_AreTheReferences(string name)
    {
        using var document = JsonDocument.Parse(
            File.ReadAllText(Golden.Require("detection", "pieces", "lr_schedule.json")));
        JsonElement entry = document.RootElement.GetProperty(name);
        JsonElement solver = entry.GetProperty("solver");
        var schedule = new DetectionSchedule(SettingsOf(solver));

        foreach (JsonElement row in entry.GetProperty("rows").EnumerateArray())
        {
            double expected = row[1].GetDouble();
            double rate = solver.GetProperty("BASE_LR").GetDouble() * schedule.Factor(row[0].GetInt32());
            Assert.InRange(rate / expected, 1 - Relative, 1 + Relative);
        }
    }

    // The table of E-82.
    [Theory]
    [InlineData(0, 0.001)]
    [InlineData(1, 0.0178711)]
    [InlineData(2, 0.0347421)]
    [InlineData(4, 0.0684843)]
    [InlineData(5, 0.0853553)]
    [InlineData(7, 0.0726995)]
    public void Cosine_FollowsTheTable(int completed, double expected)
    {
        var schedule = new DetectionSchedule(new DetectionSolverSettings
        {
            Schedule = LearningRateSchedule.Cosine,
            MaxIterations = 20,
            WarmupIterations = 5,
            WarmupFactor = 0.01,
        });

        Assert.Equal(expected, 0.1 * schedule.Factor(completed), 7);
    }

    [Fact]
    public void AStepInsideTheWarmUp_LowersItsTarget()
    {
        var schedule = new DetectionSchedule(new DetectionSolverSettings
        {
            MaxIterations = 20,
            Steps = [5],
            WarmupIterations = 100,
            WarmupFactor = 0.01,
        });

        Assert.Equal(0.001, 0.1 * schedule.Factor(0), 15);
        Assert.Equal(0.00145, 0.1 * schedule.Factor(1), 15);
        Assert.Equal(0.00955, 0.1 * schedule.Factor(19), 15);
    }

    [Fact]
    public void FixedSteps_FallAtEqualDistances()
    {
        var schedule = new DetectionSchedule(new DetectionSolverSettings
        {
            Schedule = LearningRateSchedule.FixedSteps,
            MaxIterations = 40,
            NumDecays = 3,
            WarmupIterations = 0,
        });

        Assert.Equal(
            [1, 1, 0.1, 0.1, 0.01], new long[] { 0, 9, 10, 19, 20 }.Select(t => Math.Round(schedule.Factor(t), 12)));
    }

    // With the interval rescaled the schedule begins where the warm-up ends: 15 of 20 steps are left for it.
    [Fact]
    public void RescaledInterval_StartsTheScheduleAfterTheWarmUp()
    {
        var schedule = new DetectionSchedule(new DetectionSolverSettings
        {
            Schedule = LearningRateSchedule.Cosine,
            MaxIterations = 20,
            WarmupIterations = 5,
            RescaleInterval = true,
        });

        Assert.Equal(1, schedule.Factor(5), 12);
        Assert.Equal(0.5 * (1 + Math.Cos(Math.PI * 5 / 15)), schedule.Factor(10), 12);
    }

    private static DetectionSolverSettings SettingsOf(JsonElement solver) => new()
    {
        MaxIterations = solver.GetProperty("MAX_ITER").GetInt32(),
        Steps = [.. solver.GetProperty("STEPS").EnumerateArray().Select(s => s.GetInt32())],
        WarmupFactor = solver.GetProperty("WARMUP_FACTOR").GetDouble(),
        WarmupIterations = solver.GetProperty("WARMUP_ITERS").GetInt32(),
        Gamma = solver.GetProperty("GAMMA").GetDouble(),
        WarmupMethod = Enum.Parse<WarmupMethod>(solver.GetProperty("WARMUP_METHOD").GetString()!, ignoreCase: true),
        Schedule = solver.GetProperty("LR_SCHEDULER_NAME").GetString() == "WarmupMultiStepLR"
            ? LearningRateSchedule.MultiStep
            : throw new InvalidDataException("A schedule that this test does not know."),
    };
}
