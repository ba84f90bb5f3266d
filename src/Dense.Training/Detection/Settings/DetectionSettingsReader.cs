using Dense.Configuration;
using Dense.Configuration.Detection;
using Dense.Configuration.Literals;
using Dense.Configuration.Reading;
using Dense.Detection.Settings;

namespace Dense.Training.Detection.Settings;

/// <summary>
/// Reads a merged configuration into settings; this and the readers it calls are the only ones to know keys.
/// </summary>
internal static class DetectionSettingsReader
{
    public static DetectionConfiguration Read(MergedConfiguration merged)
    {
        var reader = new MergedReader(merged);
        DetectionRunSettings settings = ReadRun(reader);
        UnsupportedKeys.Refuse(reader, settings.Detector.Kind);
        DetectionChecks.Check(settings, reader);
        IdleKeys.Warn(reader, settings.Detector.Kind);

        return reader.Problems.Count == 0
            ? new DetectionConfiguration(settings, merged, reader.Warnings)
            : throw new ConfigurationException(reader.Problems);
    }

    private static DetectionRunSettings ReadRun(MergedReader reader)
    {
        // Read when the file met the defaults.
        reader.Long("VERSION", Bounds.None);
        long seed = reader.Long("SEED", Bounds.None);
        DetectorSettings detector = DetectorSettingsReader.Read(reader);
        return new DetectionRunSettings
        {
            Detector = detector,
            Data = DetectionDataReader.Read(reader, detector.Kind),
            TrainSets = reader.Texts("DATASETS.TRAIN"),
            TestSets = reader.Texts("DATASETS.TEST"),
            Solver = DetectionSolverReader.Read(reader),
            Test = ReadTest(reader),
            Weights = reader.OptionalText("MODEL.WEIGHTS"),
            OutputDirectory = reader.Text("OUTPUT_DIR"),
            Seed = seed < 0 ? null : seed,
            Device = reader.Text("MODEL.DEVICE"),
            CudnnBenchmark = reader.Bool("CUDNN_BENCHMARK"),
            Precision = reader.Choice("FLOAT32_PRECISION",
                ("", MatmulPrecision.LibraryDefault), ("highest", MatmulPrecision.Highest),
                ("high", MatmulPrecision.High), ("medium", MatmulPrecision.Medium)),
        };
    }

    private static DetectionTestSettings ReadTest(MergedReader reader) => new()
    {
        EvaluationPeriod = reader.Int("TEST.EVAL_PERIOD", Bounds.None),
        ExpectedResults = ReadExpected(reader),
        PreciseBatchNorm = reader.Bool("TEST.PRECISE_BN.ENABLED"),
        PreciseBatchNormIterations = reader.Int("TEST.PRECISE_BN.NUM_ITER", Bounds.AtLeast(1)),
    };

    private static List<ExpectedResult> ReadExpected(MergedReader reader)
    {
        const string Key = "TEST.EXPECTED_RESULTS";
        const string Example = "[['bbox', 'AP', 38.5, 0.2]]";
        var results = new List<ExpectedResult>();
        foreach (object? item in reader.List(Key).Items)
        {
            if (ToExpected(item) is { } result)
                results.Add(result);
            else
                reader.Fail(Key, $"expected a list of [task, metric, value, tolerance], such as {Example}.");
        }

        return results;
    }

    private static ExpectedResult? ToExpected(object? item) =>
        item is Sequence { Items: [string task, string metric, var value, var tolerance] }
        && value is long or double && tolerance is long or double
            ? new ExpectedResult(task, metric, Convert.ToDouble(value), Convert.ToDouble(tolerance))
            : null;
}
