using Dense.Torch;
using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Probes;

// Shapes: M training samples, C feature length, L classes.

/// <summary>
/// Softmax regression on frozen features by SGD with momentum (P-153): the linear probe where the features are computed
/// once, without augmentation.
/// </summary>
public sealed class LinearProbe : IDisposable
{
    private const double InitialDeviation = 0.01;

    private readonly LinearProbeSettings _settings;
    private readonly Tensor _weightMomentum;
    private readonly Tensor _biasMomentum;

    /// <summary>Creates a probe with weights normal(0, 0.01) from libtorch's generator and zero biases.</summary>
    /// <param name="channels">C.</param>
    /// <param name="classes">L.</param>
    /// <param name="settings">Options.</param>
    /// <param name="type">float32 or float64, as the features will be.</param>
    /// <param name="device">Where the features will be; null is the CPU.</param>
    public LinearProbe(
        long channels, long classes, LinearProbeSettings settings, ScalarType type = ScalarType.Float32,
        Device? device = null)
    {
        _settings = settings;
        Weight = zeros([classes, channels], type, device).normal_(0, InitialDeviation).DetachFromDisposeScope();
        Bias = zeros(classes, type, device).DetachFromDisposeScope();
        _weightMomentum = zeros_like(Weight).DetachFromDisposeScope();
        _biasMomentum = zeros_like(Bias).DetachFromDisposeScope();
    }

    /// <summary>L×C.</summary>
    public Tensor Weight { get; }

    /// <summary>L.</summary>
    public Tensor Bias { get; }

    /// <summary>Trains one epoch.</summary>
    /// <param name="features">M×C.</param>
    /// <param name="labels">M class numbers, int64.</param>
    /// <param name="order">The order of the samples, M numbers, int64.</param>
    /// <param name="epoch">0-based; sets the step size.</param>
    /// <returns>The mean loss of the batches.</returns>
    public double TrainEpoch(Tensor features, Tensor labels, Tensor order, int epoch)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long count = order.shape[0], batch = _settings.BatchSize, batches = 0;
        Tensor total = zeros(1, features.dtype, features.device);
        for (long start = 0; start < count && (!_settings.DropLast || start + batch <= count); start += batch)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor chosen = order.narrow(0, start, Math.Min(batch, count - start));
            total.AddInPlace(Step(features[chosen], labels[chosen], _settings.LearningRateAt(epoch)));
            batches++;
        }

        if (batches == 0)
        {
            throw new ArgumentException(
                $"{count} samples make no batch of {batch}; choose a smaller batch size.", nameof(order));
        }

        return total.to(ScalarType.Float64).item<double>() / batches;
    }

    /// <summary>Classifies a test set.</summary>
    /// <param name="features">N×C.</param>
    /// <param name="labels">N class numbers.</param>
    public ProbeResult Evaluate(Tensor features, Tensor labels)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return ProbeScoring.Evaluate(Scores(features), labels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
        _weightMomentum.Dispose();
        _biasMomentum.Dispose();
    }

    private Tensor Scores(Tensor features) => features.matmul(Weight.t()).AddInPlace(Bias);

    // The gradient of the mean cross-entropy with respect to the scores is (softmax − one-hot) / N.
    private Tensor Step(Tensor features, Tensor labels, double learningRate)
    {
        Tensor logProbability = nn.functional.log_softmax(Scores(features), 1);
        Tensor own = labels.unsqueeze(1);
        Tensor error = logProbability.exp();
        error.scatter_add_(1, own, empty_like(own, error.dtype).Fill(-1)).DivideInPlace(labels.shape[0]);
        FusedUpdate.Sgd(
            [Weight, Bias], [error.t().matmul(features), error.sum(dim: 0)], [_weightMomentum, _biasMomentum],
            learningRate, _settings.WeightDecay, _settings.Momentum, nesterov: false);
        return -logProbability.gather(1, own).mean();
    }
}
