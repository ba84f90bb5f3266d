using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Dense.Bench;

/// <summary>
/// Runs the Python peers in <c>bench/peers</c>, with <c>DENSE_BENCH_PYTHON</c> or <c>/usr/bin/python3</c>.
/// </summary>
internal static class Peer
{
    /// <summary>The interpreter.</summary>
    public static string Python => Environment.GetEnvironmentVariable("DENSE_BENCH_PYTHON") ?? "/usr/bin/python3";

    /// <summary>The path of a peer's script.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "peers", name);

    /// <summary>Runs a script with one thread; null when Python or what it imports is not installed.</summary>
    public static string? Run(string script, params string[] arguments) =>
        Start(Python, [Script(script), .. arguments]);

    /// <summary>Runs a script that prints its figures as one JSON object; else as <see cref="Run"/>.</summary>
    public static Dictionary<string, double>? Figures(string script, params string[] arguments) =>
        Run(script, arguments) is { } printed ? JsonSerializer.Deserialize<Dictionary<string, double>>(printed) : null;

    /// <summary>Runs a program and returns what it printed; null when it is missing or fails.</summary>
    public static string? Start(string program, string[] arguments)
    {
        var start =
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return output;

            Console.Error.WriteLine(errors.Result);
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
