namespace Dense.Cli.Progress;

/// <summary>
/// One line at the bottom of a terminal that is rewritten as work goes on; messages appear above it. On an output
/// that is
/// no terminal only the messages appear.
/// </summary>
internal sealed class LiveLine
{
    // Carriage return, and the sequence that clears the rest of the line.
    private const string ClearLine = "\r\x1b[K";

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _output;
    private readonly Func<int>? _width;
    private readonly TimeProvider _clock;
    private Func<int, string>? _text;
    private long? _shown;

    /// <summary>Creates the line, with nothing in it.</summary>
    /// <param name="output">Where it appears.</param>
    /// <param name="width">Columns of the terminal, asked for each time; null when the output is no terminal.</param>
    /// <param name="clock">Limits how often the line is rewritten.</param>
    public LiveLine(TextWriter output, Func<int>? width, TimeProvider clock) =>
        (_output, _width, _clock) = (output, width, clock);

    /// <summary>Whether the output is a terminal.</summary>
    public bool IsLive => _width is not null;

    /// <summary>The line on standard error as it is.</summary>
    public static LiveLine OnStandardError() => new(
        Console.Error,
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? null : TerminalWidth,
        TimeProvider.System);

    /// <summary>Shows a text that fits into a number of columns, at most ten times a second.</summary>
    public void Show(Func<int, string> text)
    {
        _text = text;
        if (!IsLive || (_shown is { } last && _clock.GetElapsedTime(last) < RefreshInterval))
            return;

        _shown = _clock.GetTimestamp();
        Draw();
    }

    /// <summary>Writes a message above the line.</summary>
    public void WriteAbove(string message) => WriteAbove(() => _output.WriteLine(message));

    /// <summary>Lets something else be written above the line.</summary>
    public void WriteAbove(Action write)
    {
        if (!IsLive || _text is null)
        {
            write();
            return;
        }

        _output.Write(ClearLine);
        _output.Flush();
        write();
        Draw();
    }

    /// <summary>Leaves the last state of the line on the screen and moves below it.</summary>
    public void End()
    {
        if (!IsLive || _text is null)
            return;

        Draw();
        _output.WriteLine();
        _text = null;
    }

    // One column stays free: a full line would wrap, and a carriage return does not come back over a wrapped line.
    private void Draw()
    {
        _output.Write(ClearLine + _text!(Math.Max(_width!() - 1, 1)));
        _output.Flush();
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and int width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
