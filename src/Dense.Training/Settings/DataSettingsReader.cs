using Dense.Configuration.Reading;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sampling;

namespace Dense.Training.Settings;

/// <summary>Reads the sections about images: <c>DATA</c>, <c>VALIDATION</c>, <c>PROBE</c>.</summary>
internal static class DataSettingsReader
{
    public static DataSettings Read(ConfigurationReader reader)
    {
        var published = new DataSettings();
        LoaderSettings loader = published.Loader;
        return new DataSettings
        {
            Source = ReadSource(reader),
            BatchSizePerProcess =
                reader.Int("BATCH_SIZE_PER_PROCESS", published.BatchSizePerProcess, Bounds.Between(1, 1 << 20)),
            DropLast = reader.Bool("DROP_LAST", published.DropLast),
            Order = reader.Choice("ORDER", published.Order,
                ("seeded", SampleOrder.Shuffled), ("reference", SampleOrder.ReferenceShuffled)),
            WithReplacement = reader.Bool("REPLACEMENT", published.WithReplacement),
            Loader = new LoaderSettings
            {
                Workers = reader.Int("WORKERS", loader.Workers, Bounds.Between(1, 1024)),
                ReadAheadBatches = reader.Int("READ_AHEAD", loader.ReadAheadBatches, Bounds.Between(1, 1024)),
                DamagedImages = reader.Choice("ON_CORRUPT", loader.DamagedImages,
                    ("fail", DamagedImagePolicy.Fail), ("skip", DamagedImagePolicy.Skip)),
                MaximumDamagedShare =
                    reader.Float("MAX_CORRUPT_SHARE", loader.MaximumDamagedShare, Bounds.Between(0, 1)),
            },
        };
    }

    public static ValidationSettings ReadValidation(ConfigurationReader reader)
    {
        var published = new ValidationSettings();
        return new ValidationSettings
        {
            Source = ReadSource(reader),
            IntervalEpochs = reader.Int("INTERVAL_EPOCHS", published.IntervalEpochs, Bounds.NotNegative),
            AtStart = reader.Bool("AT_START", published.AtStart),
        };
    }

    public static ProbeSettings ReadProbe(ConfigurationReader reader)
    {
        var published = new ProbeSettings();
        return new ProbeSettings
        {
            IntervalEpochs = reader.Int("INTERVAL_EPOCHS", published.IntervalEpochs, Bounds.NotNegative),
            Train = ReadSource(reader.Section("TRAIN")),
            Test = ReadSource(reader.Section("TEST")),
            Neighbours = reader.Ints("NEIGHBOURS", published.Neighbours, Bounds.AtLeast(1)),
            Temperature = reader.Float("TEMPERATURE", published.Temperature, Bounds.Positive),
        };
    }

    private static DataSourceSettings ReadSource(ConfigurationReader reader)
    {
        var published = new DataSourceSettings();
        var source = new DataSourceSettings
        {
            Kind = reader.Choice("SOURCE", published.Kind,
                ("list", DataSourceKind.List), ("folder", DataSourceKind.Folder), ("coco", DataSourceKind.Coco),
                ("cifar10", DataSourceKind.Cifar10), ("cifar100", DataSourceKind.Cifar100),
                ("archive", DataSourceKind.Archive)),
            Root = reader.OptionalText("ROOT"),
            List = reader.OptionalText("LIST"),
        };
        if (source is { Kind: DataSourceKind.List, List: null })
            reader.Fail("LIST", "SOURCE list needs the list file: one image path per line, relative to ROOT (P-70).");
        if (source.Kind != DataSourceKind.List && source.List is not null)
            reader.Fail("LIST", "only SOURCE list reads a list file. Set SOURCE to list, or LIST to null.");

        return source;
    }
}
