using Dense.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Pretraining;

/// <summary>A linear classifier on the mean of a feature map (P-48). Checkpoint keys:
/// <c>fc_cls.{weight,bias}</c>.</summary>
public sealed class ClassificationHead : Module<Tensor, Tensor>
{
    private const double InitialDeviation = 0.01;

    [ComponentName(Name = "fc_cls")]
    private readonly Linear _classifier;

    private readonly bool _pools;

    /// <summary>Creates the head: weights normal with deviation 0.01, biases 0.</summary>
    public ClassificationHead(int inChannels, int numClasses, bool withAveragePool = true)
        : base(nameof(ClassificationHead))
    {
        _pools = withAveragePool;
        _classifier = Linear(inChannels, numClasses);
        RegisterComponents();

        using IDisposable noGradient = no_grad();
        _classifier.weight!.normal_(0, InitialDeviation);
        _classifier.bias!.Fill(0);
    }

    /// <summary>Scores a batch.</summary>
    /// <param name="features">N×C×H×W.</param>
    /// <returns>N×classes, before the softmax.</returns>
    public override Tensor forward(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = (_pools ? functional.adaptive_avg_pool2d(features, 1) : features).flatten(1);
        return _classifier.call(x).MoveToOuterDisposeScope();
    }
}
