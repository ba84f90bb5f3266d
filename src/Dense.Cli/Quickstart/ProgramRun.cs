namespace Dense.Cli.Quickstart;

/// <summary>A command of this program that runs in a process of its own.</summary>
/// <param name="Title">What it does, in a few words.</param>
/// <param name="LogFile">Where its output goes.</param>
/// <param name="Arguments">The command line without the program.</param>
internal sealed record ProgramRun(string Title, string LogFile, IReadOnlyList<string> Arguments)
{
    /// <summary>The command as one would type it.</summary>
    public string Text => "densecl " + string.Join(' ', Arguments.Select(a => a.Contains(' ') ? $"\"{a}\"" : a));
}
