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
    private readonly double[] _values;
    private readonly int _columns, _ranks;

    private StepNumbers(double[] values, int ranks)
    {
        _values = values;
        _ranks = ranks;
        _columns = values.Length / ranks;
    }

    /// <summary>Shows this rank's numbers to the others and reads theirs.</summary>
    /// <param name="collectives">The other ranks.</param>
    /// <param name="computed">Scalars on the device.</param>
    /// <param name="known">Numbers that the host has, after those.</param>
    public static StepNumbers Exchange(
        ICollectives collectives, IEnumerable<Tensor> computed, params ReadOnlySpan<double> known)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor onHost = stack([.. computed.Select(c => c.to(ScalarType.Float64))]).cpu();
        Tensor row = cat([onHost, tensor(known.ToArray(), ScalarType.Float64)]).unsqueeze(0);
        return new StepNumbers(collectives.Gather(row).data<double>().ToArray(), collectives.WorldSize);
    }

    /// <summary>The mean over the ranks.</summary>
    public double Mean(int column) => Column(column).Sum() / _ranks;

    /// <summary>The largest of the ranks' numbers.</summary>
    public double Max(int column) => Column(column).Max();

    /// <summary>The first of the leading columns in which a rank has a number that is not finite, and that rank.</summary>
    public (int Column, int Rank, double Value)? FirstNonFinite(int columns)
    {
        for (int c = 0; c < columns; c++)
        {
            for (int r = 0; r < _ranks; r++)
            {
                double value = _values[r * _columns + c];
                if (!double.IsFinite(value))
                    return (c, r, value);
            }
        }

        return null;
    }

    private IEnumerable<double> Column(int column) => Enumerable.Range(0, _ranks).Select(r => _values[r * _columns + column]);
}
