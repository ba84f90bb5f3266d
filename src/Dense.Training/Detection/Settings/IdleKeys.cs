using Dense.Configuration.Detection;
using Dense.Detection.Settings;

namespace Dense.Training.Detection.Settings;

/// <summary>
/// Warns of keys that are set but change nothing (M-145, E-187, KF-36). Such a key is never passed over.
/// </summary>
internal static class IdleKeys
{
    /// <summary>Warns of every key that is not at its default and that no reader asked for.</summary>
    public static void Warn(MergedReader reader, DetectorKind kind)
    {
        string detector = kind == DetectorKind.Fcos ? "FCOS" : "SOLOv2";
        foreach (string key in reader.Unread())
            reader.Warn(key, $"has no effect on {detector}{Reason(key, kind)}.");
    }

    private static string Reason(string key, DetectorKind kind) => key switch
    {
        "TEST.DETECTIONS_PER_IMAGE" => kind == DetectorKind.Fcos
            ? "; set MODEL.FCOS.POST_NMS_TOPK_TEST"
            : "; set MODEL.SOLOV2.MAX_PER_IMG",
        "INPUT.RANDOM_FLIP" => "; INPUT.HFLIP_TRAIN decides",
        "MODEL.FCOS.USE_RELU" => ": the last ReLU of the boxes is always there",
        "MODEL.FCOS.INFERENCE_TH_TRAIN" or "MODEL.FCOS.PRE_NMS_TOPK_TRAIN" or "MODEL.FCOS.POST_NMS_TOPK_TRAIN" =>
            ", which makes no proposals in training; the key for detections ends in _TEST",
        "MODEL.SOLOV2.LOSS.FOCAL_USE_SIGMOID" => ": the focal loss always uses the sigmoid",
        "MODEL.SOLOV2.USE_DCN_IN_INSTANCE" or "MODEL.SOLOV2.TYPE_DCN" =>
            ", nor on the reference's: its head has no deformable convolution",
        _ => "",
    };
}
