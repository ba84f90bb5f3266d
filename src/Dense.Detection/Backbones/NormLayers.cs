using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Backbones;

/// <summary>Normalisation layers of a detector (M-26 to M-32).</summary>
public static class NormLayers
{
    /// <summary>Creates a layer; one that spans processes is connected to them (M-30, M-32).</summary>
    /// <param name="norm">Which.</param>
    /// <param name="channels">C; a multiple of 32 for GroupNorm.</param>
    /// <param name="collectives">The other ranks.</param>
    /// <returns>The layer, or null for <see cref="DetectorNorm.None"/>.</returns>
    public static Module<Tensor, Tensor>? Create(DetectorNorm norm, long channels, ICollectives collectives)
    {
        ArgumentNullException.ThrowIfNull(collectives);
        if (norm == DetectorNorm.None)
            return null;

        Module<Tensor, Tensor> layer = Settings(norm).Create(channels);
        Connect(layer, collectives);
        return layer;
    }

    /// <summary>The settings of a kind of norm, as a network takes them.</summary>
    public static NormSettings Settings(DetectorNorm norm) => new()
    {
        Kind = norm switch
        {
            DetectorNorm.Batch => NormKind.Batch,
            DetectorNorm.SyncBatch => NormKind.SyncBatch,
            DetectorNorm.NaiveSyncBatch => NormKind.NaiveSyncBatch,
            DetectorNorm.FrozenBatch => NormKind.FrozenBatch,
            DetectorNorm.Group => NormKind.Group,
            _ => NormKind.None,
        },
    };

    /// <summary>Lets the synchronised layers of a module sum over the ranks; with one rank they stay alone.</summary>
    public static void Connect(Module module, ICollectives collectives)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(collectives);
        if (collectives.WorldSize == 1)
            return;

        foreach (BatchNormLayer layer in module.modules().Append(module).OfType<BatchNormLayer>())
            layer.SumOverProcesses = collectives.SumInPlace;
    }

    /// <summary>Whether a module is a normalisation layer, whose parameters have a weight decay of their own
    /// (E-80).</summary>
    public static bool IsNorm(Module module) =>
        module is BatchNormLayer or FrozenBatchNorm or TorchSharp.Modules.GroupNorm or TorchSharp.Modules.LayerNorm;
}
