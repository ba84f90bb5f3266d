using Dense.Distributed;
using Dense.Models.Backbones;
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
        settings.Method switch
        {
            MethodKind.DenseCl => new DenseCl(DenseClOf(settings), collectives, seed),
            MethodKind.MoCo => new MoCo(MoCoOf(settings), collectives, seed),
            _ => new Classification(ClassificationOf(settings), collectives),
        };

    private static DenseClSettings DenseClOf(ModelSettings settings)
    {
        int channels = settings.Backbone.FeatureChannels;
        return new DenseClSettings
        {
            Backbone = LastStageOnly(settings.Backbone),
            Neck = new DenseClNeckSettings
            {
                InChannels = channels,
                HiddenChannels = settings.Neck.HiddenChannels ?? channels,
                OutChannels = settings.Contrast.FeatureDimension,
                NumGrid = settings.Neck.GridSide,
                HeInitialisedGrid = settings.Neck.HeInitDense,
            },
            QueueLength = settings.Contrast.QueueLength,
            FeatureDim = settings.Contrast.FeatureDimension,
            KeyMomentum = settings.Contrast.Momentum,
            Temperature = settings.Contrast.Temperature,
            BatchNormGroups = settings.Contrast.BatchNormGroups,
            LossLambda = settings.Contrast.Lambda,
            WarmupIterations = settings.Contrast.LambdaWarmupIterations,
        };
    }

    private static MoCoSettings MoCoOf(ModelSettings settings)
    {
        int channels = settings.Backbone.FeatureChannels;
        return new MoCoSettings
        {
            Backbone = LastStageOnly(settings.Backbone),
            Neck = new MoCoNeckSettings
            {
                Kind = settings.Neck.Kind switch
                {
                    NeckKind.Linear => MoCoNeckKind.Linear,
                    NeckKind.SimClr => MoCoNeckKind.SimClr,
                    _ => MoCoNeckKind.NonLinearV1,
                },
                InChannels = channels,
                HiddenChannels = settings.Neck.HiddenChannels ?? channels,
                OutChannels = settings.Contrast.FeatureDimension,
            },
            QueueLength = settings.Contrast.QueueLength,
            FeatureDim = settings.Contrast.FeatureDimension,
            KeyMomentum = settings.Contrast.Momentum,
            Temperature = settings.Contrast.Temperature,
            BatchNormGroups = settings.Contrast.BatchNormGroups,
        };
    }

    private static ClassificationSettings ClassificationOf(ModelSettings settings) => new()
    {
        Backbone = LastStageOnly(settings.Backbone),
        InChannels = settings.Backbone.FeatureChannels,
        NumClasses = settings.Head.ClassCount,
    };

    private static ResNetSettings LastStageOnly(ResNetSettings backbone) =>
        backbone with { OutIndices = [backbone.NumStages] };
}
