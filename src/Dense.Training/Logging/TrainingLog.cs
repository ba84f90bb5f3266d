namespace Dense.Training.Logging;

/// <summary>All logs of a run as one. Owns its sinks.</summary>
public sealed class TrainingLog : ILogSink
{
    private readonly IReadOnlyList<ILogSink> _sinks;

    /// <summary>Hands everything to each of the sinks, in order.</summary>
    public TrainingLog(params IReadOnlyList<ILogSink> sinks) => _sinks = sinks;

    /// <summary>The text, JSON-lines and TensorBoard logs of a run, then <paramref name="others"/>.</summary>
    /// <param name="workFolder">The run's folder; created if needed.</param>
    /// <param name="run">The name that the files carry.</param>
    /// <param name="clock">Gives the times in the logs.</param>
    /// <param name="others">Further sinks, such as a terminal.</param>
    /// <exception cref="IOException">A file cannot be created.</exception>
    public static TrainingLog Open(
        string workFolder, RunId run, TimeProvider clock, params IReadOnlyList<ILogSink> others) =>
        new([
            new TextLog(workFolder, run, clock),
            new JsonLinesLog(workFolder, run),
            new TensorBoardLog(workFolder, clock),
            .. others,
        ]);

    /// <summary>
    /// Whether a log point is due: every <paramref name="interval"/> iterations and at the last one of each epoch
    /// (P-136, P-228).
    /// </summary>
    /// <param name="iteration">The iteration within the epoch, counted from 1.</param>
    /// <param name="iterationsPerEpoch">Iterations of one epoch.</param>
    /// <param name="interval">Iterations between two log points.</param>
    public static bool IsDue(int iteration, int iterationsPerEpoch, int interval) =>
        iteration % interval == 0 || iteration == iterationsPerEpoch;

    /// <inheritdoc/>
    public void Begin(RunDescription run) => Each(s => s.Begin(run));

    /// <inheritdoc/>
    public void Write(LogPoint point) => Each(s => s.Write(point));

    /// <inheritdoc/>
    public void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures) =>
        Each(s => s.WriteEvaluation(completedIterations, epoch, figures));

    /// <inheritdoc/>
    public void Note(LogLevel level, string message) => Each(s => s.Note(level, message));

    /// <inheritdoc/>
    public void Dispose() => Each(s => s.Dispose());

    private void Each(Action<ILogSink> action)
    {
        foreach (ILogSink sink in _sinks)
            action(sink);
    }
}
