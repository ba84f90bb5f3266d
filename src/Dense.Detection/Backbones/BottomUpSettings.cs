using Dense.Detection.Settings;
using Dense.Models.Backbones;

namespace Dense.Detection.Backbones;

/// <summary>detectron2's options of a ResNet in those of <see cref="ResNet"/>.</summary>
internal static class BottomUpSettings
{
    /// <summary>The stage of a feature map: 1 for <c>res2</c> … 4 for <c>res5</c>, 0 for <c>stem</c>, −1 for another
    /// name.</summary>
    public static int Stage(string feature) => feature switch
    {
        "stem" => 0,
        ['r', 'e', 's', >= '2' and <= '5'] => feature[^1] - '1',
        _ => -1,
    };

    /// <summary>Stages behind the last of RESNETS.OUT_FEATURES are not built (M-21).</summary>
    public static ResNetSettings Of(DetectorSettings settings)
    {
        BackboneSettings backbone = settings.Backbone;
        bool basic = backbone.Depth < 50, dilated = backbone.Res5Dilation > 1;
        return new ResNetSettings
        {
            Depth = backbone.Depth,
            NumStages = backbone.OutFeatures.Max(Stage),
            Strides = [1, 2, 2, dilated ? 1 : 2],
            Dilations = [1, 1, 1, backbone.Res5Dilation],
            OutIndices = [.. settings.Pyramid.InFeatures.Select(Stage)],
            Style = backbone.StrideInOneByOne ? ConvolutionStyle.Caffe : ConvolutionStyle.Pytorch,
            FrozenStages = FrozenStages(backbone),
            ConvertsFrozenNorms = true,
            Norm = NormLayers.Settings(backbone.Norm),
            Initialisation = ConvolutionInitialisation.FanOut,
            BaseWidth = basic ? backbone.Res2OutChannels : backbone.NumGroups * backbone.WidthPerGroup,
            Groups = backbone.NumGroups,
            StemChannels = backbone.StemOutChannels,
            FirstStageChannels = backbone.Res2OutChannels,
        };
    }

    // FREEZE_AT 1 is the stem, which is stage 0 here; beyond res5 there is nothing more to freeze.
    private static int FrozenStages(BackboneSettings backbone) =>
        Math.Clamp(backbone.FreezeAt - 1, -1, backbone.OutFeatures.Max(Stage));
}
