using Dense.Distributed;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Tensors;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Ranks;

/// <summary>R13: what is compared when several processes train as one with the global batch.</summary>
internal static class GlobalBatch
{
    /// <summary>Takes steps.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="parameters">All that learn.</param>
    /// <param name="sgd">Updates them.</param>
    /// <param name="step">Computes the averaged gradients of a step, and its losses.</param>
    /// <param name="state">Weights and statistics at the end.</param>
    public static Result Train(
        int steps,
        FlatParameters parameters,
        FlatSgd sgd,
        Func<int, double[]> step,
        Func<Dictionary<string, double[]>> state)
    {
        var losses = new double[steps][];
        double[] gradients = [];
        for (int i = 0; i < steps; i++)
        {
            using IDisposable scope = NewDisposeScope();
            losses[i] = step(i);
            if (i == 0)
                gradients = parameters.Gradients.Doubles();

            sgd.Step();
            parameters.ZeroGradients();
        }

        return new Result(losses, gradients, state());
    }

    /// <summary>Losses as their means over ranks.</summary>
    public static double[] Means(IEnumerable<Tensor> losses, ICollectives ranks)
    {
        using Tensor values = stack([.. losses.Select(l => l.detach())]);
        ranks.SumInPlace(values);
        return [.. values.Doubles().Select(v => v / ranks.WorldSize)];
    }

    /// <summary>Fails where one process and several differ by more than rounding.</summary>
    public static void Compare(Result one, Result several, Tolerances tolerances)
    {
        for (int step = 0; step < one.Losses.Length; step++)
        {
            Near(
                one.Losses[step], several.Losses[step], step == 0 ? tolerances.Loss : tolerances.LaterLoss,
                $"losses of step {step}");
        }

        Near(one.Gradients, several.Gradients, tolerances.Gradient, "gradients of step 0");
        foreach (var (name, expected) in one.State)
            Near(expected, several.State[name], tolerances.State, name);
    }

    private static void Near(double[] expected, double[] found, double tolerance, string what)
    {
        double distance = TensorValues.Norm(expected) == 0
            ? TensorValues.Norm(found)
            : TensorValues.RelativeDistance(found, expected);
        Assert.True(
            distance <= tolerance, $"{what}: relative distance {distance:g3}, expected at most {tolerance:g3}.");
    }

    /// <summary>Relative L2 distances: of the first losses, their gradients, the losses after updates, weights and
    /// statistics at the end.</summary>
    public sealed record Tolerances(double Loss, double Gradient, double LaterLoss, double State);

    public sealed record Result(double[][] Losses, double[] Gradients, Dictionary<string, double[]> State);
}
