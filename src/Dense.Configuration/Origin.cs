namespace Dense.Configuration;

/// <summary>Where a value comes from: the built-in default, a line of a file, or the command line.</summary>
public sealed record Origin
{
    private Origin(string? file, int line, string text) => (File, Line, Text) = (file, line, text);

    /// <summary>The value nobody set.</summary>
    public static Origin Default { get; } = new(null, 0, "default");

    /// <summary>A <c>KEY VALUE</c> pair of the command line.</summary>
    public static Origin CommandLine { get; } = new(null, 0, "command line");

    /// <summary>The file as it was named; null when the value is from none.</summary>
    public string? File { get; }

    /// <summary>
    /// The line in <see cref="File"/>, from 1; 0 when the value is from no file or concerns all of it.
    /// </summary>
    public int Line { get; }

    private string Text { get; }

    /// <summary>A line of a file.</summary>
    public static Origin InFile(string file, int line) => new(file, line, line > 0 ? $"{file}:{line}" : file);

    /// <summary><c>default</c>, <c>command line</c> or <c>file:line</c>.</summary>
    public override string ToString() => Text;
}
