namespace Dense.Training.Logging;

/// <summary>One named number of a log line, such as <c>loss_contra_single</c> and 4.29.</summary>
/// <param name="Name">The name in all logs.</param>
/// <param name="Value">Its value, already averaged where it is an average.</param>
public readonly record struct LogFigure(string Name, double Value);
