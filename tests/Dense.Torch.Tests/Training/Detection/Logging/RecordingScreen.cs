using Dense.Training.Detection.Logging;
using Dense.Training.Logging;

namespace Dense.Torch.Tests.Training.Detection.Logging;

/// <summary>A screen that remembers what it was shown.</summary>
internal sealed class RecordingScreen : IRunScreen
{
    public List<(LogLevel Level, string Message)> Notes { get; } = [];

    public List<string> Results { get; } = [];

    public List<RunProgress> Steps { get; } = [];

    public void Note(LogLevel level, string message) => Notes.Add((level, message));

    public void Result(string text) => Results.Add(text);

    public void Progress(RunProgress progress) => Steps.Add(progress);
}
