using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Pretraining;

/// <summary>
/// Projects a feature map into DenseCL's two embedding spaces (section 3.2 of the paper, P-8): a global one, compared
/// image against image, and a dense one, compared grid cell against grid cell.
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>mlp.{0,2}.{weight,bias}</c> (global) and <c>mlp2.{0,2}.{weight,bias}</c> (dense).
/// </remarks>
public sealed class DenseClNeck : Module<Tensor, DenseClProjections>
{
    [ComponentName(Name = "mlp")]
    private readonly Sequential _global;

    [ComponentName(Name = "mlp2")]
    private readonly Sequential _dense;

    private readonly int? _grid;

    /// <summary>Creates the neck with random weights (P-15).</summary>
    public DenseClNeck(DenseClNeckSettings settings)
        : base(nameof(DenseClNeck))
    {
        int width = settings.HiddenChannels;
        _grid = settings.NumGrid;
        _global = Sequential(
            Linear(settings.InChannels, width), ReLU(inplace: true), Linear(width, settings.OutChannels));
        _dense = Sequential(
            Conv2d(settings.InChannels, width, 1), ReLU(inplace: true), Conv2d(width, settings.OutChannels, 1));
        RegisterComponents();

        NeckInitialisation.InitialiseLinears(this);
        if (settings.HeInitialisedGrid)
        {
            foreach (Conv2d convolution in _dense.children().OfType<Conv2d>())
                NeckInitialisation.Initialise(convolution.weight!, convolution.bias);
        }
    }

    /// <summary>Projects a batch.</summary>
    /// <param name="features">The backbone's last stage, N×InChannels×H×W.</param>
    public override DenseClProjections forward(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor global = _global.call(functional.adaptive_avg_pool2d(features, 1).flatten(1));
        Tensor grid = _dense.call(ToGrid(features)).flatten(2);

        // Averaged before normalisation: cells with long vectors weigh more.
        Tensor pooled = grid.mean([2]);
        return new DenseClProjections(
            global.MoveToOuterDisposeScope(), grid.MoveToOuterDisposeScope(), pooled.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Averages a feature map to the neck's grid. Correspondences are sought on the same grid (P-34), where the
    /// reference takes the backbone's and fails unless both agree.
    /// </summary>
    /// <param name="features">N×Cin×H×W.</param>
    /// <returns>N×Cin×S×S; the argument itself without <see cref="DenseClNeckSettings.NumGrid"/>.</returns>
    internal Tensor ToGrid(Tensor features) =>
        _grid is int side ? functional.adaptive_avg_pool2d(features, side) : features;
}
