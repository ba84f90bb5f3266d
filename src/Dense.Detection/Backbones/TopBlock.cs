using Dense.Detection.Settings;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Backbones;

/// <summary>
/// FCOS's levels above the pyramid, each half as large as the one below (M-38): p6 = conv(p5), p7 = conv(ReLU(p6)).
/// </summary>
/// <remarks>Checkpoint keys: <c>p6.weight</c>, <c>p6.bias</c>, <c>p7.weight</c>, <c>p7.bias</c>.</remarks>
internal sealed class TopBlock : Module<Tensor, Tensor[]>
{
    private readonly List<PyramidConvolution> _levels = [];

    /// <summary>Creates <paramref name="levels"/> levels, the first of which is called p<paramref
    /// name="first"/>.</summary>
    public TopBlock(long channels, int levels, int first)
        : base(nameof(TopBlock))
    {
        for (int i = 0; i < levels; i++)
        {
            var level = new PyramidConvolution(
                channels, channels, 3, DetectorNorm.None, SingleProcess.Instance, stride: 2);
            _levels.Add(level);
            register_module($"p{first + i}", level);
        }
    }

    /// <summary>Computes the levels, largest first, before any ReLU.</summary>
    public override Tensor[] forward(Tensor top)
    {
        using DisposeScope scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        foreach (PyramidConvolution level in _levels)
            outputs.Add(level.call(outputs.Count == 0 ? top : outputs[^1].relu()));

        return [.. outputs.Select(o => o.MoveToOuterDisposeScope())];
    }

    protected override void RegisterComponents()
    {
        // The number of parts varies, so they are registered one by one and not by fields.
    }
}
