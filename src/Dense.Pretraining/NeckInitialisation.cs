using Dense.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>Initial weights of necks and heads.</summary>
internal static class NeckInitialisation
{
    /// <summary>He initialisation by fan-in and zero biases for all linear layers of a module (P-15, P-42).</summary>
    public static void InitialiseLinears(nn.Module module)
    {
        using IDisposable noGradient = no_grad();
        foreach (Linear linear in module.modules().OfType<Linear>())
            Initialise(linear.weight!, linear.bias);
    }

    /// <summary>The same for one layer: normal with standard deviation sqrt(2 / fan-in).</summary>
    public static void Initialise(Tensor weight, Tensor? bias)
    {
        using IDisposable noGradient = no_grad();
        weight.normal_(0, Math.Sqrt(2.0 / (weight.numel() / weight.shape[0])));
        bias?.Fill(0);
    }
}
