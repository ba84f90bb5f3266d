using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>
/// The numbers of one step that all ranks look at together, so that all decide alike: to stop, or that something is not
/// finite (E-152, R11). One exchange, and the one place of a step that waits for the device.
/// </summary>
internal sealed class StepNumbers
{
    /// <summary>The name of the norm of all gradients, in messages too.</summary>
    public const string GradientNorm = "the gradient norm";

    private readonly string[] _names;
    private readonly double[][] _computed, _known;

    private StepNumbers(string[] names, double[][] ranks)
    {
        _names = names;
        _computed = [.. ranks.Select(r => r[..names.Length])];
        _known = [.. ranks.Select(r => r[names.Length..])];
    }

    /// <summary>The first of the computed numbers, in their order, that is not finite on a rank.</summary>
    public NonFiniteNumber? FirstNonFinite => (
        from column in Enumerable.Range(0, _names.Length)
        from rank in Enumerable.Range(0, _computed.Length)
        let value = _computed[rank][column]
        where !double.IsFinite(value)
        select new NonFiniteNumber(_names[column], value, rank)).FirstOrDefault();

    /// <summary>Shows this rank's numbers to the others and reads theirs.</summary>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="computed">Scalars on the device, each with a name of its own.</param>
    /// <param name="known">Numbers that the host has.</param>
    public static StepNumbers Exchange(
        ICollectives collectives,
        IReadOnlyList<(string Name, Tensor Value)> computed,
        params ReadOnlySpan<double> known)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor onHost = stack([.. computed.Select(c => c.Value.to(ScalarType.Float64))]).cpu();
        Tensor row = cat([onHost, tensor(known.ToArray(), ScalarType.Float64)]).unsqueeze(0);
        return new StepNumbers(
            [.. computed.Select(c => c.Name)],
            [.. collectives.Gather(row).data<double>().ToArray().Chunk(computed.Count + known.Length)]);
    }

    /// <summary>The mean of a computed number over the ranks.</summary>
    public double Mean(string name)
    {
        int column = Array.IndexOf(_names, name);
        return _computed.Average(rank => rank[column]);
    }

    /// <summary>The largest of the ranks' numbers.</summary>
    /// <param name="known">Which of those that the host has.</param>
    public double MaxOf(int known) => _known.Max(rank => rank[known]);
}
