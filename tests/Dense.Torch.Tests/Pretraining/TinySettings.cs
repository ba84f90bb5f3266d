using Dense.Checkpoints;
using Dense.Models.Backbones;
using Dense.Pretraining;

namespace Dense.Torch.Tests.Pretraining;

/// <summary>Methods that take milliseconds: ResNet-18 of an eighth of its width, a queue of 32.</summary>
internal static class TinySettings
{
    public static ResNetSettings TinyBackbone => new() { Depth = 18, BaseWidth = 8, OutIndices = [4] };

    public static DenseClSettings TinyDenseCl => new()
    {
        Backbone = TinyBackbone,
        QueueLength = 32,
        FeatureDim = 16,
        Neck = new DenseClNeckSettings { InChannels = 64, HiddenChannels = 24, OutChannels = 16 },
    };

    public static MoCoSettings TinyMoCo => new()
    {
        Backbone = TinyBackbone,
        QueueLength = 32,
        FeatureDim = 16,
        Neck = new MoCoNeckSettings { InChannels = 64, HiddenChannels = 24, OutChannels = 16 },
    };

    /// <summary>The state dictionary by name.</summary>
    public static Dictionary<string, TensorRecord> SavedState(this PretrainingMethod method) =>
        method.SaveState().ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
}
