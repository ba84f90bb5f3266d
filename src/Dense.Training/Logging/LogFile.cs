using System.Text;

namespace Dense.Training.Logging;

/// <summary>Opens a log file so that others can read it while it grows.</summary>
internal static class LogFile
{
    /// <summary>A writer at the end of the file that hands every line to the operating system at once.</summary>
    public static StreamWriter Append(string path)
    {
        var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        return new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 16384)
        {
            AutoFlush = true,
            NewLine = "\n",
        };
    }
}
