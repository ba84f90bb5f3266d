using System.Text.Json;
using Dense.Training.Schedules;

namespace Dense.Torch.Tests.Training.Schedules;

public class LearningRateScheduleTests
{
    // Both sides compute in double; the golden README's tolerance.
    private const double Relative = 1e-12;

    private static readonly string[] Folder = ["pretraining", "schedules", "schedules.json"];

    public static TheoryData<string> Cases()
    {
        string path = Path.Combine([Golden.Root, .. Folder]);
        if (!File.Exists(path))
            return [Golden.Absent];

        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(path));
        return [.. file.RootElement.GetProperty("cases").EnumerateArray()
            .Select(c => c.GetProperty("name").GetString()!)];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Golden")]
    public void Rate_EqualsTheReferenceAtEveryRecordedIteration(string name)
    {
        string path = name == Golden.Absent
            ? Golden.Require("pretraining", "schedules", Golden.Absent)
            : Golden.Require(Folder);
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement golden = file.RootElement.GetProperty("cases").EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == name);
        double baseRate = golden.GetProperty("base_lr").GetDouble();
        int iterations = golden.GetProperty("iters_per_epoch").GetInt32();
        int epochs = golden.GetProperty("epochs").GetInt32();
        var schedule = new LearningRateSchedule(SettingsOf(golden), epochs, iterations);

        JsonElement byEpoch = golden.GetProperty("lr_at_first_iter_of_epoch");
        JsonElement byIteration = golden.GetProperty("lr_by_iter");

        Assert.Equal(epochs, byEpoch.GetArrayLength());
        for (int epoch = 0; epoch < epochs; epoch++)
            AssertClose(byEpoch[epoch].GetDouble(), schedule.Rate(baseRate, (long)epoch * iterations));
        Assert.NotEqual(0, byIteration.GetArrayLength());
        foreach (JsonElement pair in byIteration.EnumerateArray())
            AssertClose(pair[1].GetDouble(), schedule.Rate(baseRate, pair[0].GetInt64()));
    }

    [Theory]
    [InlineData(0.3, 800, 0, 0.3)]
    [InlineData(0.3, 800, 1, 0.29999884340722055)]
    [InlineData(0.3, 800, 399, 0.1505890471085709)]
    [InlineData(0.3, 800, 793, 5.666955039797527e-05)]
    [InlineData(0.3, 800, 799, 1.1565927794165986e-06)]
    [InlineData(0.03, 200, 1, 0.029998149487224908)]
    [InlineData(0.03, 200, 100, 0.015)]
    [InlineData(0.03, 200, 199, 1.8505127750911841e-06)]
    public void Rate_HasThePublishedCosineValues(double baseRate, int epochs, int epoch, double expected)
    {
        var schedule = new LearningRateSchedule(new ScheduleSettings(), epochs, iterationsPerEpoch: 462);

        AssertClose(expected, schedule.Rate(baseRate, epoch * 462L));
        AssertClose(expected, schedule.Rate(baseRate, epoch * 462L + 461));
    }

    [Fact]
    public void Rate_FollowsTheIterationWhenNotByEpoch()
    {
        var cosine =
            new LearningRateSchedule(new ScheduleSettings { ByEpoch = false }, epochs: 2, iterationsPerEpoch: 5);
        var steps =
            new ScheduleSettings { ByEpoch = false, Policy = SchedulePolicy.Step, Milestones = [3, 7], Gamma = 0.5 };

        AssertClose(0.5 * (1 + Math.Cos(Math.PI * 3 / 10)), cosine.Rate(1, 3));
        Assert.Equal([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25],
            Enumerable.Range(0, 8).Select(i => new LearningRateSchedule(steps, 2, 5).Rate(1, i)));
    }

    [Fact]
    public void Rate_EndsAtTheMinimumThatIsGivenAsARatio()
    {
        var ratio = new ScheduleSettings { MinimumRate = null, MinimumRatio = 0.25 };
        var rate = new ScheduleSettings { MinimumRate = 0.5 };

        Assert.Equal(
            new LearningRateSchedule(rate, 10, 1).Rate(2, 7), new LearningRateSchedule(ratio, 10, 1).Rate(2, 7));
        AssertClose(0.5 + 0.75 * (1 + Math.Cos(Math.PI * 0.7)), new LearningRateSchedule(rate, 10, 1).Rate(2, 7));
    }

    [Theory]
    [InlineData(WarmupPolicy.None, 1, 1)]
    [InlineData(WarmupPolicy.Constant, 0.01, 0.01)]
    [InlineData(WarmupPolicy.Linear, 0.01, 0.505)]
    [InlineData(WarmupPolicy.Exponential, 0.01, 0.1)]
    public void Rate_WarmsUp(WarmupPolicy policy, double first, double halfway)
    {
        var settings = new ScheduleSettings
        {
            Policy = SchedulePolicy.Fixed,
            Warmup = new WarmupSettings { Policy = policy, Length = 2, ByEpoch = true, Ratio = 0.01 },
        };
        var schedule = new LearningRateSchedule(settings, epochs: 5, iterationsPerEpoch: 4);

        Assert.Equal(policy == WarmupPolicy.None ? 0 : 8, schedule.WarmupIterations);
        AssertClose(first, schedule.Rate(1, 0));
        AssertClose(halfway, schedule.Rate(1, 4));
        Assert.Equal(1, schedule.Rate(1, 8));
    }

    [Fact]
    public void Constructor_RefusesAnEmptyRun()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(new ScheduleSettings(), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(new ScheduleSettings(), 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new LearningRateSchedule(new ScheduleSettings(), 1, 1).Rate(1, -1));
    }

    private static ScheduleSettings SettingsOf(JsonElement golden)
    {
        var settings = new ScheduleSettings
        {
            Policy = golden.GetProperty("policy").GetString() switch
            {
                "CosineAnnealing" => SchedulePolicy.Cosine,
                "step" => SchedulePolicy.Step,
                var other => throw new NotSupportedException(other),
            },
            MinimumRate = null,
        };
        var warmup = new WarmupSettings();
        foreach (JsonProperty option in golden.GetProperty("options").EnumerateObject())
        {
            (settings, warmup) = option.Name switch
            {
                "by_epoch" => (settings with { ByEpoch = option.Value.GetBoolean() }, warmup),
                "min_lr" => (settings with { MinimumRate = option.Value.GetDouble() }, warmup),
                "min_lr_ratio" => (settings with { MinimumRatio = option.Value.GetDouble() }, warmup),
                "step" => (settings with { Milestones = [.. option.Value.EnumerateArray().Select(m => m.GetInt32())] },
                    warmup),
                "gamma" => (settings with { Gamma = option.Value.GetDouble() }, warmup),
                "warmup" => (settings, warmup with { Policy = PolicyOf(option.Value.GetString()) }),
                "warmup_iters" => (settings, warmup with { Length = option.Value.GetInt32() }),
                "warmup_ratio" => (settings, warmup with { Ratio = option.Value.GetDouble() }),
                "warmup_by_epoch" => (settings, warmup with { ByEpoch = option.Value.GetBoolean() }),
                _ => throw new NotSupportedException(option.Name),
            };
        }

        return settings with { Warmup = warmup };
    }

    private static WarmupPolicy PolicyOf(string? name) => name switch
    {
        "constant" => WarmupPolicy.Constant,
        "linear" => WarmupPolicy.Linear,
        "exp" => WarmupPolicy.Exponential,
        _ => throw new NotSupportedException(name),
    };

    private static void AssertClose(double expected, double actual) =>
        Assert.True(
            Math.Abs(expected - actual) <= Relative * Math.Abs(expected), $"expected {expected:R}, found {actual:R}");
}
