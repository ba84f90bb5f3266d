using System.Globalization;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>
/// Finds the rank that the others wait for. Ranks end their steps together, so a slow one shows only in the time that
/// each works without waiting for others. Waiting for a device counts as work, and a device waits for those of others
/// unseen: ranks on GPUs look alike.
/// </summary>
/// <param name="collectives">The other ranks.</param>
/// <param name="clock">Measures.</param>
internal sealed class RankPace(ICollectives collectives, TimeProvider clock)
{
    // Less is the usual spread of equal machines with images of different size.
    private const double Tolerated = 1.5;

    private long _begin;
    private TimeSpan _waited, _worked;
    private int _steps;
    private int? _named;

    /// <summary>A step begins, with the wait for its images.</summary>
    public void Begin() => (_begin, _waited) = (clock.GetTimestamp(), collectives.Waited);

    /// <summary>The step is done.</summary>
    public void End()
    {
        _worked += clock.GetElapsedTime(_begin) - (collectives.Waited - _waited);
        _steps++;
    }

    /// <summary>Compares the steps since the last comparison; all ranks call this after the same step.</summary>
    /// <returns>What is to be said of a slow rank; null when there is none, or when it was named last time.</returns>
    public string? Compare()
    {
        if (collectives.WorldSize == 1 || _steps == 0)
            return null;

        double[] seconds = Gather(_worked.TotalSeconds / _steps);
        (_worked, _steps) = (TimeSpan.Zero, 0);

        int slowest = Array.IndexOf(seconds, seconds.Max());
        double[] others = [.. seconds.Where((_, r) => r != slowest).Order()];
        double usual = others[others.Length / 2];
        int? before = _named;
        _named = usual > 0 && seconds[slowest] > Tolerated * usual ? slowest : null;
        return _named is null || _named == before ? null : string.Create(CultureInfo.InvariantCulture,
            $"Rank {slowest} is slow: it works {seconds[slowest]:F3} s per step, the others {usual:F3} s, and they "
            + $"wait for it. Look at its processor, its GPU's temperature and the disk of its images.");
    }

    private double[] Gather(double own)
    {
        using DisposeScope scope = NewDisposeScope();
        return collectives.Gather(tensor([own], float64)).data<double>().ToArray();
    }
}
