using Dense.Detection.Backbones;
using Dense.Detection.Settings;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Fcos;

/// <summary>
/// n × [3×3 convolution with bias → norm → ReLU], the same weights on every level; statistics of BatchNorm are kept per
/// level (M-42, M-43).
/// </summary>
/// <remarks>
/// Checkpoint keys: convolutions <c>0, 3, 6 …</c>, their norms <c>1, 4, 7 …</c>, per-level norms <c>1.{level}</c>;
/// without norm the convolutions are <c>0, 2, 4 …</c> (M-44).
/// </remarks>
internal sealed class FcosTower : Module<Tensor, int, Tensor>
{
    private readonly List<(Module<Tensor, Tensor> Convolution, Module<Tensor, Tensor>[] Norms)> _blocks = [];

    /// <summary>Creates n blocks; with n = 0 the tower is the identity.</summary>
    public FcosTower(int blocks, long channels, DetectorNorm norm, int levels, ICollectives collectives)
        : base(nameof(FcosTower))
    {
        int norms = norm switch { DetectorNorm.None => 0, DetectorNorm.Group => 1, _ => levels };
        int step = norms == 0 ? 2 : 3; // Convolution, norm if any, ReLU.
        for (int block = 0; block < blocks; block++)
        {
            Module<Tensor, Tensor> convolution = Conv2d(channels, channels, kernel_size: 3, padding: 1);
            register_module($"{step * block}", convolution);
            Module<Tensor, Tensor>[] own =
                [.. Enumerable.Range(0, norms).Select(_ => NormLayers.Create(norm, channels, collectives)!)];
            if (norm == DetectorNorm.Group)
                register_module($"{step * block + 1}", own[0]);
            else if (norms > 0)
                register_module($"{step * block + 1}", ModuleList(own));
            _blocks.Add((convolution, own));
        }
    }

    /// <summary>Applies the blocks.</summary>
    /// <param name="x">N×C×h×w.</param>
    /// <param name="level">Number of the level that x is from; per-level norms go by it and not by the order of calls
    /// (KF-5).</param>
    public override Tensor forward(Tensor x, int level)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = x;
        foreach (var (convolution, norms) in _blocks)
        {
            y = convolution.call(y);
            if (norms.Length > 0)
                y = norms[norms.Length == 1 ? 0 : level].call(y);

            // In place: neither a convolution nor a norm needs its result in backward.
            y = y.relu_();
        }

        return (ReferenceEquals(y, x) ? x.alias() : y).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        // Names are numbers, so the parts are registered one by one and not by their fields.
    }
}
