using Dense.Distributed;
using Dense.Pretraining;
using Dense.Training.Settings;

namespace Dense.Training.Loop;

/// <summary>Builds the method that a configuration describes, with fresh weights from libtorch's generator.</summary>
public static class MethodFactory
{
    /// <summary>Creates the method.</summary>
    /// <param name="settings">The model section of the configuration.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="seed">Keys the draws of later steps.</param>
    public static PretrainingMethod Create(ModelSettings settings, ICollectives collectives, ulong seed) =>
        settings switch
        {
            { DenseCl: { } denseCl } => new DenseCl(denseCl, collectives, seed),
            { MoCo: { } moco } => new MoCo(moco, collectives, seed),
            { Classification: { } classification } => new Classification(classification, collectives),
            _ => throw new ArgumentException("Expected the settings of one method.", nameof(settings)),
        };
}
