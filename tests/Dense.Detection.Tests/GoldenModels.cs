using Dense.Detection.Settings;

namespace Dense.Detection.Tests;

/// <summary>The models of the golden data: the DenseCL configurations, at full size and narrowed
/// (golden/detection/README.md).</summary>
internal static class GoldenModels
{
    /// <summary>FCOS_R50_1x_DenseCL.</summary>
    public static DetectorSettings FcosR50 { get; } = Rgb(DetectorKind.Fcos, "res3", "res4", "res5");

    /// <summary>FCOS with the narrow R-50.</summary>
    public static DetectorSettings FcosSmall { get; } = Narrow(FcosR50);

    /// <summary>FCOS with an R-18 of full width and a pyramid of 64 channels.</summary>
    public static DetectorSettings FcosSmallR18 { get; } = FcosR50 with
    {
        Backbone = FcosR50.Backbone with { Depth = 18, Res2OutChannels = 64, Norm = DetectorNorm.Batch },
        Pyramid = FcosSmall.Pyramid,
    };

    /// <summary>SOLOv2_R50_1x_DenseCL.</summary>
    public static DetectorSettings SoloR50 { get; } = Rgb(DetectorKind.SoloV2, "res2", "res3", "res4", "res5");

    /// <summary>SOLOv2 with the narrow R-50.</summary>
    public static DetectorSettings SoloSmall { get; } = Narrow(SoloR50) with
    {
        SoloV2 = new SoloV2Settings
        {
            InstanceInChannels = 64,
            InstanceChannels = 64,
            NumKernels = 64,
            MaskInChannels = 64,
            MaskChannels = 64,
            NumMasks = 64,
        },
    };

    /// <summary>The model of a golden folder.</summary>
    /// <param name="folder">Such as <c>fcos/small</c>.</param>
    public static DetectorSettings Of(string folder) => folder switch
    {
        "fcos/r50" => FcosR50,
        "fcos/small" => FcosSmall,
        "fcos/small_r18" => FcosSmallR18,
        "solov2/r50" => SoloR50,
        "solov2/small" => SoloSmall,
        _ => throw new ArgumentException($"There is no model {folder}."),
    };

    /// <summary>The fill rule of a golden folder.</summary>
    public static FillRule FillOf(string folder) => FillRule.Of(folder.Split('/')[0]);

    /// <summary>A model whose BatchNorm spans processes.</summary>
    public static DetectorSettings Synchronised(DetectorSettings settings) => settings with
    {
        Backbone = settings.Backbone with { Norm = DetectorNorm.SyncBatch },
        Pyramid = settings.Pyramid with { Norm = DetectorNorm.SyncBatch },
    };

    private static DetectorSettings Rgb(DetectorKind kind, params string[] features) => new()
    {
        Kind = kind,
        Backbone = new BackboneSettings
        {
            FreezeAt = 0,
            Norm = DetectorNorm.SyncBatch,
            StrideInOneByOne = false,
            OutFeatures = features,
        },
        Pyramid = new PyramidSettings { InFeatures = features, Norm = DetectorNorm.SyncBatch },
        PixelMean = [123.675, 116.28, 103.53],
        PixelStd = [58.395, 57.12, 57.375],
    };

    private static DetectorSettings Narrow(DetectorSettings full) => full with
    {
        Backbone = full.Backbone with
        {
            WidthPerGroup = 16,
            Res2OutChannels = 64,
            StemOutChannels = 16,
            Norm = DetectorNorm.Batch,
        },
        Pyramid = full.Pyramid with { OutChannels = 64, Norm = DetectorNorm.Batch },
    };
}
