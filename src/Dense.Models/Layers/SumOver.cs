using static TorchSharp.torch;

namespace Dense.Models.Layers;

/// <summary>A differentiable sum over processes: forward adds the values, backward adds the gradients.</summary>
internal sealed class SumOver : autograd.SingleTensorFunction<SumOver>
{
    private const string SumKey = "sum";

    public override string Name => nameof(SumOver);

    public static Tensor Processes(Tensor value, Action<Tensor> sum) => apply(value, sum);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data(SumKey, vars[1]);
        return Summed((Tensor)vars[0], (Action<Tensor>)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        [Summed(grad_output, (Action<Tensor>)ctx.get_data(SumKey)), null!];

    private static Tensor Summed(Tensor value, Action<Tensor> sum)
    {
        Tensor total = value.detach().clone();
        sum(total);
        return total;
    }
}
