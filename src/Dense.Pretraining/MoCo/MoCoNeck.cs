using Dense.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Pretraining;

/// <summary>Projects a feature map to one vector per image (P-42).</summary>
/// <remarks>
/// Checkpoint keys: <c>fc.{weight,bias}</c> (linear), <c>mlp.{0,2}.{weight,bias}</c> (non-linear), <c>fc{i}.weight</c>
/// and <c>bn{i}.*</c> (SimCLR).
/// </remarks>
public sealed class MoCoNeck : Module<Tensor, Tensor>
{
    private readonly bool _pools;
    private readonly List<Module<Tensor, Tensor>> _layers = [];

    /// <summary>Creates the neck: linear layers with He weights and zero biases.</summary>
    public MoCoNeck(MoCoNeckSettings settings)
        : base(nameof(MoCoNeck))
    {
        _pools = settings.WithAveragePool;
        switch (settings.Kind)
        {
            case MoCoNeckKind.Linear:
                Add("fc", Linear(settings.InChannels, settings.OutChannels));
                break;
            case MoCoNeckKind.NonLinearV1:
                Add("mlp", Sequential(
                    Linear(settings.InChannels, settings.HiddenChannels), ReLU(inplace: true),
                    Linear(settings.HiddenChannels, settings.OutChannels)));
                break;
            default:
                AddSimClr(settings);
                break;
        }

        NeckInitialisation.InitialiseLinears(this);
    }

    /// <summary>Projects a batch.</summary>
    /// <param name="features">The backbone's last stage, N×InChannels×H×W.</param>
    /// <returns>N×OutChannels, not normalised.</returns>
    public override Tensor forward(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = (_pools ? functional.adaptive_avg_pool2d(features, 1) : features).flatten(1);
        foreach (Module<Tensor, Tensor> layer in _layers)
            x = layer.call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        // The parts differ by kind, so they are registered one by one and not by their fields.
    }

    private void AddSimClr(MoCoNeckSettings settings)
    {
        for (int i = 0; i < settings.Layers; i++)
        {
            bool last = i == settings.Layers - 1;
            long width = last ? settings.OutChannels : settings.HiddenChannels;
            if (i > 0)
                _layers.Add(ReLU());
            Add($"fc{i}", Linear(i == 0 ? settings.InChannels : settings.HiddenChannels, width, hasBias: false));
            Add($"bn{i}", new BatchNormLayer(width, statistics: BatchStatistics.AllPixels));
        }
    }

    private void Add(string name, Module<Tensor, Tensor> layer)
    {
        _layers.Add(layer);
        register_module(name, layer);
    }
}
