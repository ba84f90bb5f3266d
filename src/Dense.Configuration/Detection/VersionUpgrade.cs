namespace Dense.Configuration.Detection;

/// <summary>Brings the keys of older files to their names of today (E-7).</summary>
internal static class VersionUpgrade
{
    private const string Key = "VERSION";
    private const long Current = 2;
    private const string Generator = "MODEL.ANCHOR_GENERATOR";

    private static readonly (string Old, string New)[] FromZero = [("MODEL.RPN_HEAD.NAME", "MODEL.RPN.HEAD_NAME")];

    private static readonly (string Old, string New)[] FromOne =
    [
        ("MODEL.WEIGHT", "MODEL.WEIGHTS"),
        ("MODEL.PANOPTIC_FPN.SEMANTIC_LOSS_SCALE", "MODEL.SEM_SEG_HEAD.LOSS_WEIGHT"),
        ("MODEL.PANOPTIC_FPN.RPN_LOSS_SCALE", "MODEL.RPN.LOSS_WEIGHT"),
        ("MODEL.PANOPTIC_FPN.INSTANCE_LOSS_SCALE", "MODEL.PANOPTIC_FPN.INSTANCE_LOSS_WEIGHT"),
        ("MODEL.PANOPTIC_FPN.COMBINE_ON", "MODEL.PANOPTIC_FPN.COMBINE.ENABLED"),
        ("MODEL.PANOPTIC_FPN.COMBINE_OVERLAP_THRESHOLD", "MODEL.PANOPTIC_FPN.COMBINE.OVERLAP_THRESH"),
        ("MODEL.PANOPTIC_FPN.COMBINE_STUFF_AREA_LIMIT", "MODEL.PANOPTIC_FPN.COMBINE.STUFF_AREA_LIMIT"),
        ("MODEL.PANOPTIC_FPN.COMBINE_INSTANCES_CONFIDENCE_THRESHOLD",
            "MODEL.PANOPTIC_FPN.COMBINE.INSTANCES_CONFIDENCE_THRESH"),
        ("MODEL.ROI_HEADS.SCORE_THRESH", "MODEL.ROI_HEADS.SCORE_THRESH_TEST"),
        ("MODEL.ROI_HEADS.NMS", "MODEL.ROI_HEADS.NMS_THRESH_TEST"),
        ("MODEL.RETINANET.INFERENCE_SCORE_THRESHOLD", "MODEL.RETINANET.SCORE_THRESH_TEST"),
        ("MODEL.RETINANET.INFERENCE_TOPK_CANDIDATES", "MODEL.RETINANET.TOPK_CANDIDATES_TEST"),
        ("MODEL.RETINANET.INFERENCE_NMS_THRESHOLD", "MODEL.RETINANET.NMS_THRESH_TEST"),
        ("TEST.DETECTIONS_PER_IMG", "TEST.DETECTIONS_PER_IMAGE"),
        ("TEST.AUG_ON", "TEST.AUG.ENABLED"),
        ("TEST.AUG_MIN_SIZES", "TEST.AUG.MIN_SIZES"),
        ("TEST.AUG_MAX_SIZE", "TEST.AUG.MAX_SIZE"),
        ("TEST.AUG_FLIP", "TEST.AUG.FLIP"),
    ];

    /// <summary>The file with the keys of the current version.</summary>
    /// <param name="file">The file with what it inherits from, before it meets the defaults.</param>
    /// <param name="problems">Gains a version that is none, or of the future.</param>
    /// <param name="warnings">Gains the version that was assumed.</param>
    public static ConfigurationSection Apply(ConfigurationSection file, List<Problem> problems, List<Problem> warnings)
    {
        long version = Version(file, problems, warnings);
        if (version < 1)
            file = Renamed(file, FromZero);
        if (version < 2)
            file = WithAnchors(Renamed(file, FromOne));

        return version < Current && file.Find(Key) is { } node
            ? file.With(Key, new ConfigurationLeaf(Current, node.Origin))
            : file;
    }

    private static long Version(ConfigurationSection file, List<Problem> problems, List<Problem> warnings)
    {
        if (file.Find(Key) is { } node)
        {
            object? value = null;
            if (node is ConfigurationLeaf leaf && Coercion.TryReplace(Current, leaf.Value, out value, out _)
                && value is >= 0L and <= Current)
            {
                return (long)value;
            }

            // A value of another type is reported when the file meets the defaults.
            if (value is long number)
            {
                problems.Add(new(Key, node.Origin,
                    $"expected 0, 1 or {Current}, found {number}: written for another version of the keys."));
            }

            return Current;
        }

        bool isOld = file.Find("MODEL.WEIGHT") is not null || file.Find("TEST.AUG_ON") is not null;
        warnings.Add(new(Key, file.Origin, $"not set; the file is read as version {(isOld ? 1 : Current)}."));
        return isOld ? 1 : Current;
    }

    private static ConfigurationSection Renamed(ConfigurationSection file, (string Old, string New)[] names) =>
        names.Aggregate(file, (section, name) => section.Renamed(name.Old, name.New));

    // Version 1 had anchors for RPN and for RetinaNet; those of the other network are dropped.
    private static ConfigurationSection WithAnchors(ConfigurationSection file)
    {
        bool isRetinaNet = file.Find("MODEL.META_ARCHITECTURE") is ConfigurationLeaf { Value: "RetinaNet" };
        (string used, string unused) = isRetinaNet
            ? ("MODEL.RETINANET", "MODEL.RPN")
            : ("MODEL.RPN", "MODEL.RETINANET");
        return file
            .Renamed($"{used}.ANCHOR_ASPECT_RATIOS", $"{Generator}.ASPECT_RATIOS")
            .Renamed($"{used}.ANCHOR_SIZES", $"{Generator}.SIZES")
            .WithoutKey($"{unused}.ANCHOR_ASPECT_RATIOS")
            .WithoutKey($"{unused}.ANCHOR_SIZES")
            .WithoutKey("MODEL.RETINANET.ANCHOR_STRIDES");
    }
}
