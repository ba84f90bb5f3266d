using Dense.Detection.Settings;

namespace Dense.Detection.Backbones;

/// <summary>What keeps a backbone from being built, in the words of the configuration (M-15, M-144).</summary>
public static class BackboneProblems
{
    /// <summary>Every problem; none when the backbone can be built.</summary>
    public static IEnumerable<string> Of(DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return [.. OfResNet(settings.Backbone), .. OfPyramid(settings), .. OfNorms(settings)];
    }

    private static IEnumerable<string> OfResNet(BackboneSettings backbone)
    {
        if (backbone.Depth is not (18 or 34 or 50 or 101 or 152))
            yield return $"MODEL.RESNETS.DEPTH is {backbone.Depth}; choose 18, 34, 50, 101 or 152.";
        if (backbone.Depth is 18 or 34 && (backbone.Res2OutChannels, backbone.NumGroups) != (64, 1))
        {
            yield return $"MODEL.RESNETS.DEPTH {backbone.Depth} needs RES2_OUT_CHANNELS 64 and NUM_GROUPS 1, not "
                + $"{backbone.Res2OutChannels} and {backbone.NumGroups}.";
        }

        if (backbone.Depth is 18 or 34 && backbone.Res5Dilation != 1)
            yield return $"MODEL.RESNETS.DEPTH {backbone.Depth} needs RES5_DILATION 1, not {backbone.Res5Dilation}.";
        if (backbone.Res5Dilation is not (1 or 2))
            yield return $"MODEL.RESNETS.RES5_DILATION is {backbone.Res5Dilation}; choose 1 or 2.";

        int[] sizes =
            [backbone.NumGroups, backbone.WidthPerGroup, backbone.Res2OutChannels, backbone.StemOutChannels];
        if (sizes.Any(s => s < 1))
        {
            yield return "MODEL.RESNETS.NUM_GROUPS, WIDTH_PER_GROUP, RES2_OUT_CHANNELS and STEM_OUT_CHANNELS are "
                + $"{string.Join(", ", sizes)}; all must be positive.";
        }

        if (backbone.OutFeatures.Count == 0 || backbone.OutFeatures.Any(f => BottomUpSettings.Stage(f) < 0))
        {
            yield return $"MODEL.RESNETS.OUT_FEATURES is [{string.Join(", ", backbone.OutFeatures)}]; choose from "
                + "stem, res2, res3, res4, res5.";
        }
    }

    private static IEnumerable<string> OfPyramid(DetectorSettings settings)
    {
        IReadOnlyList<string> features = settings.Pyramid.InFeatures;
        string list = $"MODEL.FPN.IN_FEATURES is [{string.Join(", ", features)}]";
        int[] stages = [.. features.Select(BottomUpSettings.Stage)];
        bool adjoin = stages.Zip(stages.Skip(1)).All(p => p.Second == p.First + 1);
        if (stages.Length == 0 || stages.Any(s => s < 1) || !adjoin)
            yield return $"{list}; name neighbouring stages in ascending order, such as [res3, res4, res5].";
        else if (features.FirstOrDefault(f => !settings.Backbone.OutFeatures.Contains(f)) is { } missing)
            yield return $"{list}, but MODEL.RESNETS.OUT_FEATURES lacks {missing}.";

        if (settings.Backbone.Res5Dilation > 1 && features.Contains("res5"))
        {
            yield return $"{list} with MODEL.RESNETS.RES5_DILATION {settings.Backbone.Res5Dilation}: res5 is then as "
                + "large as res4, and a pyramid halves at every level. Set RES5_DILATION to 1 or leave res5 out.";
        }

        if (settings.Pyramid.OutChannels < 1)
            yield return $"MODEL.FPN.OUT_CHANNELS is {settings.Pyramid.OutChannels}; it must be positive.";
        if (settings.Kind == DetectorKind.Fcos && settings.Fcos.TopLevels is < 0 or > 2)
            yield return $"MODEL.FCOS.TOP_LEVELS is {settings.Fcos.TopLevels}; choose 0, 1 or 2.";
    }

    private static IEnumerable<string> OfNorms(DetectorSettings settings)
    {
        const int Groups = 32;
        BackboneSettings backbone = settings.Backbone;
        if (settings.Pyramid.Norm == DetectorNorm.Group && settings.Pyramid.OutChannels % Groups != 0)
        {
            yield return $"MODEL.FPN.NORM GN has {Groups} groups, which do not divide OUT_CHANNELS "
                + $"{settings.Pyramid.OutChannels}.";
        }

        int[] widths =
            [backbone.StemOutChannels, backbone.NumGroups * backbone.WidthPerGroup, backbone.Res2OutChannels];
        if (backbone.Norm == DetectorNorm.Group && widths.Any(w => w % Groups != 0))
        {
            yield return $"MODEL.RESNETS.NORM GN has {Groups} groups, which do not divide the widths "
                + $"{string.Join(", ", widths)} of stem, bottlenecks and res2.";
        }
    }
}
