using Dense.Configuration.Literals;
using Dense.Configuration.Reading;
using Dense.Training.Schedules;

namespace Dense.Training.Settings;

/// <summary>Reads the section <c>SOLVER</c>.</summary>
internal static class SolverSettingsReader
{
    private static readonly (string Name, ParameterOption Option)[] Options =
    [
        ("lr", ParameterOption.Rate), ("lr_mult", ParameterOption.RateFactor),
        ("momentum", ParameterOption.Momentum), ("momentum_mult", ParameterOption.MomentumFactor),
        ("weight_decay", ParameterOption.WeightDecay), ("weight_decay_mult", ParameterOption.WeightDecayFactor),
    ];

    public static SolverSettings Read(ConfigurationReader reader)
    {
        var published = new SolverSettings();
        return new SolverSettings
        {
            BaseRate = reader.Float("BASE_LR", published.BaseRate, Bounds.Positive),
            Momentum = reader.Float("MOMENTUM", published.Momentum, Bounds.Below(0, 1)),
            WeightDecay = reader.Float("WEIGHT_DECAY", published.WeightDecay, Bounds.NotNegative),
            Nesterov = reader.Bool("NESTEROV", published.Nesterov),
            ParameterRules = ReadRules(reader),
            GradientClip = reader.OptionalFloat("GRAD_CLIP", published.GradientClip, Bounds.Positive),
            UpdateInterval = reader.Int("UPDATE_INTERVAL", published.UpdateInterval, Bounds.AtLeast(1)),
            AllowUpdateInterval = reader.Bool("ALLOW_UPDATE_INTERVAL", published.AllowUpdateInterval),
            AutoScaleRate = reader.Bool("AUTO_SCALE_LR", published.AutoScaleRate),
            ReferenceBatchSize = reader.Int("REFERENCE_BATCH_SIZE", published.ReferenceBatchSize, Bounds.AtLeast(1)),
            Epochs = reader.Int("EPOCHS", published.Epochs, Bounds.AtLeast(1)),
            Schedule = ReadSchedule(reader),
            RateFromConfigurationOnResume =
                reader.Bool("LR_FROM_CONFIG_ON_RESUME", published.RateFromConfigurationOnResume),
        };
    }

    private static ScheduleSettings ReadSchedule(ConfigurationReader reader)
    {
        var published = new ScheduleSettings();
        var settings = new ScheduleSettings
        {
            Policy = reader.Choice("SCHEDULE", published.Policy,
                ("cosine", SchedulePolicy.Cosine), ("step", SchedulePolicy.Step), ("fixed", SchedulePolicy.Fixed)),
            ByEpoch = reader.Bool("BY_EPOCH", published.ByEpoch),
            MinimumRate = reader.OptionalFloat("MIN_LR", published.MinimumRate, Bounds.NotNegative),
            MinimumRatio = reader.OptionalFloat("MIN_LR_RATIO", published.MinimumRatio, Bounds.Between(0, 1)),
            Milestones = reader.Ints("STEPS", published.Milestones, Bounds.AtLeast(1)),
            Gamma = reader.Float("GAMMA", published.Gamma, Bounds.Between(0, 1)),
            Warmup = ReadWarmup(reader),
        };
        if (settings.Milestones.Zip(settings.Milestones.Skip(1)).Any(pair => pair.First >= pair.Second))
            reader.Fail("STEPS", $"expected rising milestones, found [{string.Join(", ", settings.Milestones)}].");
        if (settings.Policy == SchedulePolicy.Step && settings.Milestones.Count == 0)
            reader.Fail("STEPS", "SCHEDULE step needs at least one milestone, found none.");
        if (settings.MinimumRate is null == settings.MinimumRatio is null)
        {
            reader.Fail("MIN_LR_RATIO", "expected exactly one of MIN_LR and MIN_LR_RATIO, found "
                + $"{(settings.MinimumRate is null ? "none" : "both")}. Set one, and the other to null (P-126).");
        }

        return settings;
    }

    private static WarmupSettings ReadWarmup(ConfigurationReader reader)
    {
        var published = new WarmupSettings();
        var settings = new WarmupSettings
        {
            Policy = reader.Choice("WARMUP", published.Policy,
                ("none", WarmupPolicy.None), ("constant", WarmupPolicy.Constant), ("linear", WarmupPolicy.Linear),
                ("exp", WarmupPolicy.Exponential)),
            Length = reader.Int("WARMUP_ITERS", published.Length, Bounds.NotNegative),
            ByEpoch = reader.Bool("WARMUP_BY_EPOCH", published.ByEpoch),
            Ratio = reader.Float("WARMUP_RATIO", published.Ratio, Bounds.Between(1e-9, 1)),
        };
        if (settings.Policy != WarmupPolicy.None && settings.Length == 0)
            reader.Fail("WARMUP_ITERS", "WARMUP is set, its length is 0. Set WARMUP_ITERS, or WARMUP to none.");

        return settings;
    }

    // Each rule is a list of three: an expression, what to set, the value.
    private static List<ParameterRule> ReadRules(ConfigurationReader reader)
    {
        var rules = new List<ParameterRule>();
        foreach (object? item in reader.List("PARAMWISE", "[expression, option, number]").Items)
        {
            if (item is not Sequence { Items: [string pattern, string name, (long or double) and var value] })
            {
                reader.Fail("PARAMWISE", $"expected rules such as ['^head\\.', 'lr_mult', 10.0], found "
                    + $"{PythonLiteral.Format(item)}.");
                continue;
            }

            (string Name, ParameterOption Option) option = Options.FirstOrDefault(o => o.Name == name);
            double number = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
            if (option.Name is null)
            {
                reader.Fail(
                    "PARAMWISE", $"expected {string.Join(", ", Options.Select(o => o.Name))}, found '{name}' (P-212).");
            }
            else if (!Bounds.NotNegative.Contains(number))
            {
                reader.Fail("PARAMWISE",
                    $"expected {Bounds.NotNegative} for '{pattern}', found {PythonLiteral.Format(value)}.");
            }
            else if (ParameterRule.Complaint(pattern) is { } complaint)
                reader.Fail("PARAMWISE", $"'{pattern}' is not a regular expression: {complaint}");
            else
                rules.Add(new ParameterRule(pattern, option.Option, number));
        }

        return rules;
    }
}
