using System.Globalization;
using Dense.Training.Logging;

namespace Dense.Training.Detection.Logging;

/// <summary>
/// <c>log.txt</c> in detectron2's form: <c>[MM/DD HH:MM:SS] d2.utils.events INFO: message</c> (E-25); other ranks write
/// <c>log.txt.rank1</c> and so on.
/// </summary>
public sealed class DetectionTextLog : IDisposable
{
    private readonly StreamWriter _writer;
    private readonly TimeProvider _clock;

    /// <summary>Opens the file; what it holds already is kept.</summary>
    /// <param name="folder">OUTPUT_DIR; created when absent.</param>
    /// <param name="rank">This process.</param>
    /// <param name="clock">Dates the lines.</param>
    /// <exception cref="IOException">The file cannot be opened for writing.</exception>
    public DetectionTextLog(string folder, int rank, TimeProvider clock)
    {
        _clock = clock;
        Directory.CreateDirectory(folder);
        _writer = LogFile.Append(Path.Combine(folder, rank == 0 ? "log.txt" : $"log.txt.rank{rank}"));
    }

    /// <summary>Adds a message, which may have several lines.</summary>
    public void Write(LogLevel level, string source, string message)
    {
        string time = _clock.GetLocalNow().ToString("MM'/'dd HH:mm:ss", CultureInfo.InvariantCulture);
        _writer.WriteLine($"[{time}] {source} {TextLog.NameOf(level)}: {message}");
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
