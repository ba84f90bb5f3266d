using Dense.Training.Logging;

namespace Dense.Cli.Progress;

/// <summary>Messages of a log as a person sees them.</summary>
internal static class LevelText
{
    /// <summary>The message, marked when it is more than information.</summary>
    public static string Of(LogLevel level, string message) => level switch
    {
        LogLevel.Info => message,
        LogLevel.Warning => $"warning: {message}",
        _ => $"error: {message}",
    };
}
