using Dense.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Models.Layers;

/// <summary>
/// Runs a block without keeping its activations and runs it again in backward (activation checkpointing): one extra
/// forward pass buys the memory. BatchNorm's running statistics are updated by the first pass only, where the common
/// implementation updates them twice.
/// </summary>
internal sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
{
    private const string BlockKey = "block";
    private const string TypeKey = "type";

    public override string Name => nameof(Recomputed);

    /// <summary>The block's output; its parameters receive their gradients when backward arrives.</summary>
    public static Tensor Run(nn.Module<Tensor, Tensor> block, Tensor input) =>
        is_grad_enabled() && input.requires_grad ? apply(input, block) : block.call(input);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var input = (Tensor)vars[0];
        var block = (nn.Module<Tensor, Tensor>)vars[1];
        ctx.save_for_backward([input]);
        ctx.save_data(BlockKey, block);
        if (Autocast.Current(input.device_type) is ScalarType type)
            ctx.save_data(TypeKey, type);
        using IDisposable noGradient = no_grad();
        return block.call(input);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradient = enable_grad();

        // Backward runs outside the region that forward ran in.
        using Autocast? autocast = ctx.get_data(TypeKey) is ScalarType type
            ? new Autocast(grad_output.device_type, type)
            : null;
        var block = (nn.Module<Tensor, Tensor>)ctx.get_data(BlockKey);
        BatchNormLayer[] norms = [.. block.modules().OfType<BatchNormLayer>()];

        Tensor input = ctx.get_saved_variables()[0].detach().requires_grad_();
        foreach (BatchNormLayer norm in norms)
            norm.TracksStatistics = false;
        Tensor output = block.call(input);
        foreach (BatchNormLayer norm in norms)
            norm.TracksStatistics = true;

        autograd.backward(output, grad_output);
        return [input.grad!.MoveToOuterDisposeScope(), null!];
    }
}
