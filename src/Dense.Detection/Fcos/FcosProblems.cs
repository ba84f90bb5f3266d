using Dense.Detection.Settings;

namespace Dense.Detection.Fcos;

/// <summary>What keeps FCOS from being built, in the words of the configuration (M-43, M-144).</summary>
public static class FcosProblems
{
    /// <summary>Every problem of the head; none when it can be built.</summary>
    public static IEnumerable<string> Of(DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FcosSettings fcos = settings.Fcos;
        int levels = fcos.InFeatures.Count;
        if (levels == 0 || fcos.Strides.Count != levels || fcos.SizesOfInterest.Count != levels - 1)
        {
            yield return $"MODEL.FCOS.IN_FEATURES names {levels} levels, FPN_STRIDES {fcos.Strides.Count} and "
                + $"SIZES_OF_INTEREST {fcos.SizesOfInterest.Count} limits between levels; give each level a stride and "
                + "write one limit less than levels.";
        }

        if (fcos.Strides.Any(s => s < 1))
            yield return $"MODEL.FCOS.FPN_STRIDES is [{string.Join(", ", fcos.Strides)}]; strides are positive.";
        if (fcos.NumClasses < 1)
            yield return $"MODEL.FCOS.NUM_CLASSES is {fcos.NumClasses}; it must be positive.";
        if (fcos.PriorProbability is not (> 0 and < 1))
            yield return $"MODEL.FCOS.PRIOR_PROB is {fcos.PriorProbability}; a probability between 0 and 1 is needed.";
        if (fcos.Norm is DetectorNorm.FrozenBatch or DetectorNorm.SyncBatch)
            yield return $"MODEL.FCOS.NORM is {fcos.Norm}; choose GN, BN, SyncBN or none.";
        if (fcos.Norm == DetectorNorm.Group && settings.Pyramid.OutChannels % 32 != 0)
        {
            yield return "MODEL.FCOS.NORM GN has 32 groups, which do not divide MODEL.FPN.OUT_CHANNELS "
                + $"{settings.Pyramid.OutChannels}.";
        }
    }
}
