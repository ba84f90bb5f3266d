using Dense.Configuration.Reading;

namespace Dense.Training.Settings;

/// <summary>Reads the sections about images: <c>DATA</c>, <c>LOADER</c>, <c>VALIDATION</c>, <c>PROBE</c>.</summary>
internal static class DataSettingsReader
{
    public static DataSourceSettings ReadSource(ConfigurationReader reader)
    {
        var published = new DataSourceSettings();
        return new DataSourceSettings
        {
            Kind = reader.Choice("SOURCE", published.Kind,
                ("list", DataSourceKind.List), ("folder", DataSourceKind.Folder),
                ("imagenet", DataSourceKind.ImageNet), ("coco", DataSourceKind.Coco),
                ("cifar10", DataSourceKind.Cifar10), ("cifar100", DataSourceKind.Cifar100),
                ("archive", DataSourceKind.Archive)),
            Root = reader.OptionalText("ROOT"),
            List = reader.OptionalText("LIST"),
        };
    }

    public static LoaderSettings ReadLoader(ConfigurationReader reader)
    {
        var published = new LoaderSettings();
        return new LoaderSettings
        {
            BatchSizePerProcess =
                reader.Int("BATCH_SIZE_PER_PROCESS", published.BatchSizePerProcess, Bounds.Between(1, 1 << 20)),
            Workers = reader.Int("WORKERS", published.Workers, Bounds.Between(1, 1024)),
            DropLast = reader.Bool("DROP_LAST", published.DropLast),
            ReferenceOrder = reader.Choice("ORDER", published.ReferenceOrder, ("seeded", false), ("reference", true)),
            OnCorrupt = reader.Choice("ON_CORRUPT", published.OnCorrupt,
                ("fail", CorruptImagePolicy.Fail), ("skip", CorruptImagePolicy.Skip)),
            MaximumCorruptShare =
                reader.Float("MAX_CORRUPT_SHARE", published.MaximumCorruptShare, Bounds.Between(0, 1)),
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
}
