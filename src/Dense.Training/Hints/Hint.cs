using Dense.Training.Logging;

namespace Dense.Training.Hints;

/// <summary>A sentence that explains what a figure means.</summary>
/// <param name="Level">Whether it explains or warns.</param>
/// <param name="Message">What is seen, what it means, and what to do.</param>
public sealed record Hint(LogLevel Level, string Message);
