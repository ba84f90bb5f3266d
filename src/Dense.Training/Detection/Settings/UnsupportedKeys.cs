using Dense.Configuration.Detection;
using Dense.Detection.Settings;

namespace Dense.Training.Detection.Settings;

/// <summary>
/// Refuses what the reference can do and we cannot: never ignored, because it changes results (E-15, E-22).
/// </summary>
internal static class UnsupportedKeys
{
    // Each is off by default.
    private static readonly (string Key, string What)[] Always =
    [
        ("MODEL.KEYPOINT_ON", "key points"),
        ("MODEL.LOAD_PROPOSALS", "proposals from files"),
        ("MODEL.FCPOSE_ON", "FCPose"),
        ("MODEL.MOBILENET", "MobileNet backbones"),
        ("MODEL.BACKBONE.ANTI_ALIAS", "anti-aliased backbones"),
        ("MODEL.BASIS_MODULE.LOSS_ON", "BlendMask's semantic loss"),
        ("MODEL.BOXINST.ENABLED", "BoxInst"),
        ("TEST.AUG.ENABLED", "test-time augmentation"),
    ];

    private static readonly (string Key, string What)[] Fcos =
    [
        ("MODEL.FCOS.USE_DEFORMABLE", "deformable convolutions"),
        ("MODEL.FCOS.YIELD_PROPOSAL", "FCOS as a proposal generator"),
        ("MODEL.FCOS.YIELD_BOX_FEATURES", "FCOS as a feature extractor"),
    ];

    /// <summary>Fails for every key that asks for something unsupported.</summary>
    public static void Refuse(MergedReader reader, DetectorKind kind)
    {
        foreach (var (key, what) in kind == DetectorKind.Fcos ? [.. Always, .. Fcos] : Always)
        {
            if (reader.Bool(key))
                reader.Fail(key, $"not supported: {what}. Set False.");
        }

        const string Deformable = "MODEL.RESNETS.DEFORM_ON_PER_STAGE";
        if (reader.Bools(Deformable).Any(on => on))
            reader.Fail(Deformable, "deformable convolutions are not supported: set False for every stage.");
    }
}
