using Dense.Configuration;
using Dense.Configuration.Detection;
using Dense.Detection.Backbones;
using Dense.Detection.Settings;

namespace Dense.Training.Detection.Settings;

/// <summary>What must hold between settings (M-144, KF-32). Each message says what to do.</summary>
public static class DetectionChecks
{
    private const string Placeholder = "See Instructions";

    /// <summary>
    /// Checks that MODEL.WEIGHTS is not the placeholder of a configuration that has no weights (M-140).
    /// </summary>
    /// <param name="configuration">The run, one that does not resume.</param>
    /// <exception cref="ConfigurationException">It is.</exception>
    public static void RequireWeights(DetectionConfiguration configuration)
    {
        if (configuration.Settings.Weights == Placeholder)
        {
            throw new ConfigurationException(configuration.Problem("MODEL.WEIGHTS",
                $"'{Placeholder}' is a placeholder. Add to the command: MODEL.WEIGHTS FILE, with a backbone of yours "
                + "(densecl extract, densecl convert), or MODEL.WEIGHTS \"\" to start from scratch."));
        }
    }

    /// <summary>Checks that the network has as many classes as a training dataset (M-144).</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="classes">How many classes it has.</param>
    /// <exception cref="ConfigurationException">It has another number.</exception>
    public static void CheckClasses(DetectionConfiguration configuration, string dataset, int classes)
    {
        DetectorSettings detector = configuration.Settings.Detector;
        (string key, int expected) = detector.Kind == DetectorKind.Fcos
            ? ("MODEL.FCOS.NUM_CLASSES", detector.Fcos.NumClasses)
            : ("MODEL.SOLOV2.NUM_CLASSES", detector.SoloV2.NumClasses);
        if (classes != expected)
        {
            throw new ConfigurationException(configuration.Problem(key,
                $"the network has {expected} classes, the dataset {dataset} of DATASETS.TRAIN has {classes}. "
                + $"Set {key} to {classes}."));
        }
    }

    /// <summary>Checks that need the settings only.</summary>
    internal static void Check(DetectionRunSettings settings, MergedReader reader)
    {
        CheckBackbone(settings.Detector, reader);
        if (settings.Detector.Kind == DetectorKind.Fcos)
            CheckFcos(settings.Detector, reader);
        else
            CheckSoloV2(settings.Detector, reader);

        if (settings.OutputDirectory.Length == 0)
            reader.Fail("OUTPUT_DIR", "expected a folder, found empty text.");
        CheckDevice(settings, reader);
    }

    private static void CheckDevice(DetectionRunSettings settings, MergedReader reader)
    {
        const string Cuda = "cuda";
        string device = settings.Device;
        bool isCuda = device == Cuda || (device.StartsWith(Cuda + ":", StringComparison.Ordinal)
            && int.TryParse(device.AsSpan(Cuda.Length + 1), out int index) && index >= 0);
        if (!isCuda && device != "cpu")
            reader.Fail("MODEL.DEVICE", $"expected cpu, cuda or cuda:N, found '{device}'.");
        if (device == "cpu" && settings.Solver.MixedPrecision)
            reader.Fail("SOLVER.AMP.ENABLED", "float16 training needs CUDA, MODEL.DEVICE is cpu. Set False (E-84).");
    }

    private static void CheckBackbone(DetectorSettings detector, MergedReader reader)
    {
        foreach (string problem in BackboneProblems.Of(detector))
        {
            // Each begins with the key it is about.
            reader.Fail(problem[..problem.AsSpan().IndexOfAny(' ', ',')], problem);
        }

        RequireChannels("MODEL.PIXEL_MEAN", detector.PixelMean);
        RequireChannels("MODEL.PIXEL_STD", detector.PixelStd);

        void RequireChannels(string key, IReadOnlyList<double> values)
        {
            if (values.Count != 3)
            {
                reader.Fail(key, "expected three numbers, one per channel in the order of INPUT.FORMAT, found "
                    + $"{values.Count}.");
            }
        }
    }

    private static void CheckFcos(DetectorSettings detector, MergedReader reader)
    {
        FcosSettings fcos = detector.Fcos;
        int levels = fcos.InFeatures.Count;
        if (fcos.Strides.Count != levels || fcos.SizesOfInterest.Count + 1 != levels)
        {
            reader.Fail("MODEL.FCOS.IN_FEATURES",
                $"{levels} levels need {levels} FPN_STRIDES and {levels - 1} SIZES_OF_INTEREST, found "
                + $"{fcos.Strides.Count} and {fcos.SizesOfInterest.Count}.");
        }

        RequireLevels("MODEL.FCOS.IN_FEATURES", fcos.InFeatures, detector, fcos.TopLevels, reader);
        if (fcos.PriorProbability == 0)
            reader.Fail("MODEL.FCOS.PRIOR_PROB", "expected more than 0.");
    }

    private static void CheckSoloV2(DetectorSettings detector, MergedReader reader)
    {
        SoloV2Settings solo = detector.SoloV2;
        const int InstanceLevels = 5;
        const int MaskLevels = 4;
        RequireCount("INSTANCE_IN_FEATURES", solo.InstanceInFeatures.Count, InstanceLevels);
        RequireCount("FPN_INSTANCE_STRIDES", solo.Strides.Count, InstanceLevels);
        RequireCount("FPN_SCALE_RANGES", solo.ScaleRanges.Count, InstanceLevels);
        RequireCount("NUM_GRIDS", solo.Grids.Count, InstanceLevels);
        RequireCount("MASK_IN_FEATURES", solo.MaskInFeatures.Count, MaskLevels);
        RequireEqual("NUM_KERNELS", solo.NumKernels, "MODEL.SOLOV2.NUM_MASKS", solo.NumMasks);
        RequireEqual("INSTANCE_IN_CHANNELS", solo.InstanceInChannels, "MODEL.FPN.OUT_CHANNELS",
            detector.Pyramid.OutChannels);
        RequireEqual("MASK_IN_CHANNELS", solo.MaskInChannels, "MODEL.FPN.OUT_CHANNELS", detector.Pyramid.OutChannels);
        RequireLevels("MODEL.SOLOV2.INSTANCE_IN_FEATURES", solo.InstanceInFeatures, detector, topLevels: 1, reader);
        RequireLevels("MODEL.SOLOV2.MASK_IN_FEATURES", solo.MaskInFeatures, detector, topLevels: 1, reader);
        if (solo.PriorProbability == 0)
            reader.Fail("MODEL.SOLOV2.PRIOR_PROB", "expected more than 0.");

        void RequireCount(string key, int count, int expected)
        {
            if (count != expected)
                reader.Fail($"MODEL.SOLOV2.{key}", $"expected {expected} elements, one per level, found {count}.");
        }

        void RequireEqual(string key, int value, string other, int expected)
        {
            if (value != expected)
                reader.Fail($"MODEL.SOLOV2.{key}", $"expected {expected}, the same as {other}, found {value}.");
        }
    }

    // p_s for every res_s of the pyramid, then those above the last (M-36, M-38, M-39).
    private static void RequireLevels(
        string key, IReadOnlyList<string> wanted, DetectorSettings detector, int topLevels, MergedReader reader)
    {
        if (BackboneProblems.Of(detector).Any())
            return;

        string[] stages = [.. detector.Pyramid.InFeatures.Select(stage => stage["res".Length..])];
        int last = int.Parse(stages[^1]);
        string[] levels =
        [
            .. stages.Select(stage => $"p{stage}"),
            .. Enumerable.Range(last + 1, topLevels).Select(level => $"p{level}"),
        ];
        if (wanted.Count == 0 || wanted.Except(levels).Any())
            reader.Fail(key, $"expected levels of the pyramid, which has {List(levels)}, found {List(wanted)}.");
    }

    private static string List(IReadOnlyList<string> names) => $"[{string.Join(", ", names)}]";
}
