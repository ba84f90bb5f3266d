using Dense.Configuration;
using Dense.Configuration.Reading;

namespace Dense.Training.Settings;

/// <summary>
/// Maps the keys of a pre-training configuration to settings. docs/configuration-pretraining.md lists them.
/// </summary>
public static class PretrainingSettingsReader
{
    /// <summary>Every key, in the order of reading.</summary>
    public static IReadOnlyList<ConfigurationKey> Keys { get; } = ReadKeys();

    /// <summary>Reads and checks all settings.</summary>
    /// <param name="configuration">Files and overrides, merged.</param>
    /// <exception cref="ConfigurationException">Everything that is wrong.</exception>
    public static PretrainingConfiguration Read(ConfigurationSection configuration)
    {
        var reader = new ConfigurationReader(configuration);
        PretrainingSettings settings = Read(reader);
        PretrainingChecks.Check(settings, reader);
        return new PretrainingConfiguration(settings, reader.Finish());
    }

    private static IReadOnlyList<ConfigurationKey> ReadKeys()
    {
        var reader = new ConfigurationReader(ConfigurationSection.Empty);
        _ = Read(reader);
        return reader.Keys;
    }

    private static PretrainingSettings Read(ConfigurationReader reader)
    {
        var published = new PretrainingSettings();
        var settings = new PretrainingSettings
        {
            Model = ModelSettingsReader.Read(reader.Section("MODEL")),
            Data = DataSettingsReader.Read(reader.Section("DATA")),
            View = ViewSettingsReader.Read(reader.Section("AUGMENTATION")),
            EvaluationView = ViewSettingsReader.ReadEvaluation(reader.Section("EVALUATION")),
            Solver = SolverSettingsReader.Read(reader.Section("SOLVER")),
            Checkpoint = ReadCheckpoint(reader.Section("CHECKPOINT")),
            Log = ReadLog(reader.Section("LOG")),
            Validation = DataSettingsReader.ReadValidation(reader.Section("VALIDATION")),
            Probe = DataSettingsReader.ReadProbe(reader.Section("PROBE")),
            Seed = reader.Int("SEED", published.Seed, Bounds.NotNegative),
            OutputDirectory = ReadOutputDirectory(reader, published.OutputDirectory),
            Device = ReadDevice(reader, published.Device),
            Precision = reader.Choice("PRECISION", published.Precision,
                ("float32", TrainingPrecision.Float32), ("bfloat16", TrainingPrecision.BFloat16)),
            Threads = reader.Int("THREADS", published.Threads, Bounds.Between(0, 1024)),
        };
        return settings with
        {
            EvaluationView = settings.EvaluationView with { Normalization = settings.View.Normalization },
        };
    }

    private static CheckpointSettings ReadCheckpoint(ConfigurationReader reader)
    {
        var published = new CheckpointSettings();
        return new CheckpointSettings
        {
            IntervalEpochs = reader.Int("INTERVAL_EPOCHS", published.IntervalEpochs, Bounds.NotNegative),
            IntervalIterations = reader.Int("INTERVAL_ITERS", published.IntervalIterations, Bounds.NotNegative),
            KeepLast = reader.Int("KEEP_LAST", published.KeepLast, Bounds.NotNegative),
        };
    }

    private static LogSettings ReadLog(ConfigurationReader reader)
    {
        var published = new LogSettings();
        return new LogSettings
        {
            IntervalIterations = reader.Int("INTERVAL", published.IntervalIterations, Bounds.AtLeast(1)),
            TensorBoard = reader.Bool("TENSORBOARD", published.TensorBoard),
        };
    }

    private static string ReadOutputDirectory(ConfigurationReader reader, string published)
    {
        string folder = reader.Text("OUTPUT_DIR", published);
        if (folder.Length == 0)
            reader.Fail("OUTPUT_DIR", "expected a folder for checkpoints and logs, found nothing.");

        return folder;
    }

    private static string ReadDevice(ConfigurationReader reader, string published)
    {
        string device = reader.Text("DEVICE", published);
        bool known = device is "auto" or "cpu" or "cuda"
            || device.StartsWith("cuda:", StringComparison.Ordinal) && device[5..] is { Length: > 0 and <= 3 } index
            && index.All(char.IsAsciiDigit);
        if (!known)
            reader.Fail("DEVICE", $"expected auto, cpu, cuda or cuda:0, cuda:1 …, found '{device}'.");

        return device;
    }
}
