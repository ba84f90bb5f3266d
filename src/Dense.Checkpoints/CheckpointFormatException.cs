namespace Dense.Checkpoints;

/// <summary>
/// A weight file is damaged, forbidden, or not what was asked for. It is the only exception that the readers throw for
/// the content of a file, whatever its bytes (reliability R5). The message names the file, the place, what was found
/// against what was expected, and what to do next.
/// </summary>
public sealed class CheckpointFormatException : Exception
{
    /// <summary>Refuses a file.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="problem">What is wrong, and what to do about it; without the file's name.</param>
    /// <param name="offset">Byte position in the file, or null when the problem has no place.</param>
    /// <param name="inner">The cause, if another exception reported it.</param>
    public CheckpointFormatException(string file, string problem, long? offset = null, Exception? inner = null)
        : base(offset is { } at ? $"{file}: at byte {at}: {problem}" : $"{file}: {problem}", inner)
    {
        File = file;
        Offset = offset;
    }

    // Raised again on the thread that asked, with the message of the thread that read.
    internal CheckpointFormatException(CheckpointFormatException original)
        : base(original.Message, original)
    {
        File = original.File;
        Offset = original.Offset;
    }

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    /// <summary>Byte position of the problem, where it has one.</summary>
    public long? Offset { get; }
}
