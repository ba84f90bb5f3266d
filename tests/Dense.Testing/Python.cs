using Xunit;

namespace Dense.Testing;

/// <summary>
/// Runs the Python that has the peers, such as PyTorch and Pillow: <c>DENSE_PYTHON</c>, else <c>/usr/bin/python3</c>.
/// </summary>
public static class Python
{
    private static readonly string Program =
        Environment.GetEnvironmentVariable("DENSE_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";

    /// <summary>Whether it is there.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>Runs a script and returns what it printed; a failing script fails the test with its message.</summary>
    public static string Run(string script, params string[] arguments) => Succeed(Start(["-c", script, .. arguments]));

    /// <summary>Runs a script file; else as <see cref="Run"/>.</summary>
    public static string RunFile(string path, params string[] arguments) => Succeed(Start([path, .. arguments]));

    /// <summary>Runs a script, whatever comes of it.</summary>
    /// <param name="script">The script.</param>
    /// <param name="input">What it reads from standard input.</param>
    public static ChildProcess Try(string script, string input) => Start(["-c", script], input);

    private static ChildProcess Start(string[] arguments, string? input = null) =>
        ChildProcess.Run(Program, arguments, input: input);

    private static string Succeed(ChildProcess run)
    {
        Assert.True(run.ExitCode == 0, run.Errors);
        return run.Output.Trim();
    }
}
