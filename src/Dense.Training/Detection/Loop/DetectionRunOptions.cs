using System.Globalization;
using Dense.Detection.Settings;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Loop;

/// <summary>What a command line adds to a configuration (E-19, E-188): none of it is a configuration key.</summary>
public sealed record DetectionRunOptions
{
    private const string Off = "off";

    /// <summary>How the program was called, for the log.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The configuration file, whose text goes into the log (E-24); null for none.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Go on from the newest checkpoint in OUTPUT_DIR, if there is one (E-66).</summary>
    public bool Resume { get; init; }

    /// <summary>What to do.</summary>
    public DetectionTask Task { get; init; }

    /// <summary>
    /// This process's own device where MODEL.DEVICE means any: <c>config.yaml</c> is that of all processes (E-14). Null
    /// for MODEL.DEVICE.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>Resume weights and iteration only (E-180).</summary>
    public bool ResetOptimizer { get; init; }

    /// <summary>Go on although weights are missing (E-192).</summary>
    public bool AllowMissingWeights { get; init; }

    /// <summary>Read past objects of unknown classes in weight files and checkpoints (E-51).</summary>
    public bool AllowOpaqueObjects { get; init; }

    /// <summary>How many periodic checkpoints stay; 0 keeps all (E-173).</summary>
    public int KeepCheckpoints { get; init; }

    /// <summary>A file that registers data sets; null for none (E-91).</summary>
    public string? DatasetRegistrations { get; init; }

    /// <summary>Parts that a process computes its batch in (KF-34).</summary>
    public int BatchParts { get; init; } = 1;

    /// <summary>Groups of similar images that batches are made of (KF-35).</summary>
    public int SizeBuckets { get; init; } = 1;

    /// <summary>Replace a training image that cannot be used by another one (E-120).</summary>
    public bool SkipBadImages { get; init; }

    /// <summary>Decode images without their EXIF orientation (E-197).</summary>
    public bool IgnoreExif { get; init; }

    /// <summary>Transpose images whose width and height are the annotated ones swapped (E-197).</summary>
    public bool TransposeSwapped { get; init; }

    /// <summary>Report zero boxes for SOLOv2, as the reference does (E-127).</summary>
    public bool ZeroSoloV2Boxes { get; init; }

    /// <summary>SOLOv2's departures from the reference (KF-14, KF-15, KF-18, KF-21, KF-22).</summary>
    public SoloOptions Solo { get; init; } = new();

    /// <summary>FCOS clips boxes to the image before they compete (KF-1).</summary>
    public bool ClipsBeforeNms { get; init; }

    /// <summary>Write <c>NaN</c> into metrics.json instead of null (E-171).</summary>
    public bool BareNan { get; init; }

    /// <summary>Compute products and convolutions of training steps in bfloat16.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>Compute the losses on the test sets at each evaluation.</summary>
    public bool ValidationLoss { get; init; }

    /// <summary>Finds the local file behind MODEL.WEIGHTS, downloading it when necessary.</summary>
    public Func<string, string> LocalWeights { get; init; } = path => path;

    /// <summary>
    /// What changes a training or its results and is not in config.yaml, by option (M-146). A checkpoint keeps it.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Lasting => new OrderedDictionary<string, string>
    {
        ["--accumulate"] = $"{BatchParts}",
        ["--size-buckets"] = $"{SizeBuckets}",
        ["--exif"] = IgnoreExif ? "ignore" : "apply",
        ["--transpose-swapped"] = OnOff(TransposeSwapped),
        ["--amp"] = BFloat16 ? "bf16" : Off,
        ["--fcos-clip-before-nms"] = OnOff(ClipsBeforeNms),
        ["--solov2-max-candidates"] = Solo.CandidateLimit?.ToString(CultureInfo.InvariantCulture) ?? Off,
        ["--solov2-own-grids"] = OnOff(Solo.OwnGrids),
        ["--solov2-smallest-owns-cell"] = OnOff(Solo.SmallestOwnsCell),
        ["--solov2-drop-vanished"] = OnOff(Solo.DropVanishedMasks),
        ["--solov2-normalise-over-ranks"] = OnOff(Solo.NormaliseOverRanks),
        ["--zero-solov2-boxes"] = OnOff(ZeroSoloV2Boxes),
    };

    /// <summary>The settings with what these options change.</summary>
    internal DetectionRunSettings ApplyTo(DetectionRunSettings settings) => settings with
    {
        Solver = settings.Solver with { BatchParts = BatchParts },
        Data = settings.Data with
        {
            SizeBuckets = SizeBuckets,
            ApplyExifOrientation = !IgnoreExif,
            TransposeSwapped = TransposeSwapped,
            DamagedImages = SkipBadImages ? DamagedImagePolicy.Skip : DamagedImagePolicy.Fail,
        },
        Detector = settings.Detector with
        {
            SoloV2 = settings.Detector.SoloV2 with { Options = Solo },
            Fcos = settings.Detector.Fcos with { ClipsBeforeNms = ClipsBeforeNms },
            Compatibility = settings.Detector.Compatibility with
            {
                ZeroSoloV2Boxes = ZeroSoloV2Boxes || settings.Detector.Compatibility.ZeroSoloV2Boxes,
            },
        },
    };

    private static string OnOff(bool on) => on ? "on" : Off;
}
