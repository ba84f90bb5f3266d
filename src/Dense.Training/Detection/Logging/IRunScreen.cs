using Dense.Training.Logging;

namespace Dense.Training.Detection.Logging;

/// <summary>Where a person, or another program, watches a run. Calls come from one thread.</summary>
public interface IRunScreen
{
    /// <summary>A message of the log.</summary>
    void Note(LogLevel level, string message);

    /// <summary>A result, such as a table: what the command was run for.</summary>
    void Result(string text);

    /// <summary>How far the run has come; called after every step.</summary>
    void Progress(RunProgress progress);
}
