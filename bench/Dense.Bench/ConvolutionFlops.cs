using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Dense.Bench;

/// <summary>
/// Counts what the convolutions of a network cost while it runs: a pass over an output of n values, each the sum of m
/// products, is 2·n·m operations. Backward is such a pass for the weights if they learn and one for the input if it
/// has a gradient. All else (norms, activations, losses) counts as nothing.
/// </summary>
internal sealed class ConvolutionFlops : IDisposable
{
    private readonly List<Action> _removals = [];

    /// <summary>Starts to count.</summary>
    public ConvolutionFlops(Module network)
    {
        foreach (Module<Tensor, Tensor> layer in network.modules().OfType<Module<Tensor, Tensor>>())
        {
            Tensor? weight = layer.named_parameters(recurse: false)
                .Where(p => p.name == "weight").Select(p => p.parameter).FirstOrDefault(p => p.ndim == 4);
            if (weight is not null)
                _removals.Add(layer.register_forward_hook((_, x, y) => Count(weight, x, y)).remove);
        }
    }

    /// <summary>10⁹ operations forward.</summary>
    public double Forward { get; private set; }

    /// <summary>10⁹ operations backward.</summary>
    public double Backward { get; private set; }

    /// <summary>Ends the count.</summary>
    public void Dispose() => _removals.ForEach(remove => remove());

    private Tensor Count(Tensor weight, Tensor input, Tensor output)
    {
        double pass = 2e-9 * output.numel() * weight.numel() / weight.shape[0];
        Forward += pass;
        Backward += pass * ((weight.requires_grad ? 1 : 0) + (input.requires_grad ? 1 : 0));
        return output;
    }
}
