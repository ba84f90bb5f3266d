using Dense.Detection.Settings;
using Dense.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Detection.Backbones;

/// <summary>
/// A convolution and, where one is wanted, its norm, as detectron2 names them: <c>weight</c>, <c>bias</c>,
/// <c>norm.*</c>. Starts uniform in ±√(3 / fan_in) with bias 0 (M-37). No activation.
/// </summary>
internal sealed class PyramidConvolution : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    [ComponentName(Name = "norm")]
    private readonly Module<Tensor, Tensor>? _norm;

    private readonly long _stride;
    private readonly long _padding;

    /// <summary>Creates the layer; it has a bias exactly when it has no norm (M-33).</summary>
    public PyramidConvolution(
        long inChannels, long outChannels, int kernel, DetectorNorm norm, ICollectives collectives, int stride = 1)
        : base(nameof(PyramidConvolution))
    {
        double limit = Math.Sqrt(3.0 / (inChannels * kernel * kernel));
        _weight = new Parameter(empty(outChannels, inChannels, kernel, kernel));
        init.uniform_(_weight, -limit, limit);
        _norm = NormLayers.Create(norm, outChannels, collectives);
        _bias = _norm is null ? new Parameter(zeros(outChannels)) : null;
        _stride = stride;
        _padding = kernel / 2;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = functional.conv2d(x, _weight, _bias, strides: [_stride, _stride], padding: [_padding, _padding]);
        return (_norm?.call(y) ?? y).MoveToOuterDisposeScope();
    }
}
