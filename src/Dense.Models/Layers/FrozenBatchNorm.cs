using Dense.Torch;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Models.Layers;

/// <summary>
/// BatchNorm that neither learns nor measures (M-28): y = a·x + b with a = weight / √(running_var + ε) and b = bias −
/// a·running_mean, in training and evaluation alike.
/// </summary>
/// <remarks>
/// Checkpoint keys: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c>, all of them buffers, and
/// <c>num_batches_tracked</c> where the layer takes the place of a BatchNorm (M-24).
/// </remarks>
public sealed class FrozenBatchNorm : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Tensor _weight;

    [ComponentName(Name = "bias")]
    private readonly Tensor _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _runningMean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _runningVariance;

    private readonly double _epsilon;

    /// <summary>Creates the layer with weight 1, bias 0, mean 0.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="variance">The initial running variance; null for 1 − ε, which makes the layer the identity
    /// (M-23).</param>
    /// <param name="keepsCounter">Whether <c>num_batches_tracked</c> is among the buffers.</param>
    public FrozenBatchNorm(
        long channels, double epsilon = 1e-5, double? variance = null, bool keepsCounter = false)
        : base(nameof(FrozenBatchNorm))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        _epsilon = epsilon;
        _weight = ones(channels);
        _bias = zeros(channels);
        _runningMean = zeros(channels);
        _runningVariance = empty(channels).Fill(variance ?? 1 - epsilon);
        RegisterComponents();
        if (keepsCounter)
            register_buffer("num_batches_tracked", zeros(Array.Empty<long>(), ScalarType.Int64));
    }

    /// <summary>Scales and shifts each channel.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <returns>The same shape, type and memory layout.</returns>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = _weight * _runningVariance.Plus(_epsilon).rsqrt();
        Tensor b = _bias - _runningMean * a;

        // A product with a constant keeps nothing for backward, where batch_norm would keep x.
        return x.mul(a.to(x.dtype).view(1, -1, 1, 1)).AddInPlace(b.to(x.dtype).view(1, -1, 1, 1))
            .MoveToOuterDisposeScope();
    }
}
