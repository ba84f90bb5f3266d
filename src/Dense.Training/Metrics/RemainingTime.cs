namespace Dense.Training.Metrics;

/// <summary>
/// Expected time to the end: mean seconds per iteration since the start × remaining iterations (P-137).
/// </summary>
public sealed class RemainingTime
{
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly long _firstIteration;
    private readonly long _totalIterations;

    /// <summary>Starts the clock.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="completedIterations">Iterations that earlier runs of this training finished; 0 for a new
    /// one.</param>
    /// <param name="totalIterations">Iterations of the whole training.</param>
    public RemainingTime(TimeProvider clock, long completedIterations, long totalIterations)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _firstIteration = completedIterations;
        _totalIterations = totalIterations;
    }

    /// <summary>
    /// The expectation once <paramref name="completedIterations"/> are finished; null before the first.
    /// </summary>
    public TimeSpan? After(long completedIterations)
    {
        long done = completedIterations - _firstIteration;
        return done <= 0 ? null : _clock.GetElapsedTime(_start) / done * (_totalIterations - completedIterations);
    }
}
