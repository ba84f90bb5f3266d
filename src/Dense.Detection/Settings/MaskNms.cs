namespace Dense.Detection.Settings;

/// <summary>How SOLOv2 suppresses duplicates (SOLOV2.NMS_TYPE, NMS_KERNEL).</summary>
public enum MaskNms
{
    /// <summary><c>matrix</c> with the <c>gaussian</c> kernel (M-112).</summary>
    Gaussian,

    /// <summary><c>matrix</c> with the <c>linear</c> kernel (M-112).</summary>
    Linear,

    /// <summary><c>mask</c>: greedy (M-113).</summary>
    Greedy,
}
