using System.Diagnostics;

namespace Dense.Checkpoints.Tests.Peers;

/// <summary>
/// Runs scripts in the Python that has PyTorch and NumPy: <c>DENSE_PYTHON</c>, else <c>/usr/bin/python3</c>.
/// </summary>
internal static class Python
{
    private static readonly string Program =
        Environment.GetEnvironmentVariable("DENSE_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";

    /// <summary>Runs a script and returns what it printed; a failing script fails the test with its message.</summary>
    public static string Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, ["-c", script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Trim();
    }
}
