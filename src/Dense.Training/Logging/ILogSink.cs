namespace Dense.Training.Logging;

/// <summary>A place that a training log goes to. Calls come from one thread.</summary>
public interface ILogSink : IDisposable
{
    /// <summary>Takes down what is known before the first step. Called once.</summary>
    void Begin(RunDescription run);

    /// <summary>Takes down one log point.</summary>
    void Write(LogPoint point);

    /// <summary>Takes down figures of an evaluation during training.</summary>
    /// <param name="completedIterations">Iterations finished since the start of training.</param>
    /// <param name="epoch">The epoch, counted from 1.</param>
    /// <param name="figures">Named results.</param>
    void WriteEvaluation(long completedIterations, int epoch, IReadOnlyList<LogFigure> figures);

    /// <summary>Takes down a sentence for a person.</summary>
    void Note(LogLevel level, string message);
}
