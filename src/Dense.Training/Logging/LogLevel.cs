namespace Dense.Training.Logging;

/// <summary>How much a message of the log asks of its reader.</summary>
public enum LogLevel
{
    /// <summary>Nothing.</summary>
    Info,

    /// <summary>A look: the run goes on, but its result may not be what was wanted.</summary>
    Warning,

    /// <summary>An action: the run has stopped or will stop.</summary>
    Error,
}
