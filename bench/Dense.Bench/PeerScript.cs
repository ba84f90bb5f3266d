using System.Diagnostics;
using System.Text.Json;

namespace Dense.Bench;

/// <summary>Runs a Python script of bench/peers that prints its figures as one JSON object.</summary>
internal static class PeerScript
{
    private const string PythonVariable = "DENSE_BENCH_PYTHON";

    /// <summary>Name to figure; null when Python or what the script needs is not installed.</summary>
    public static Dictionary<string, double>? Run(string script, params string[] arguments)
    {
        string python = Environment.GetEnvironmentVariable(PythonVariable) ?? "/usr/bin/python3";
        ProcessStartInfo start = new(python, [Path.Combine(AppContext.BaseDirectory, "peers", script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return JsonSerializer.Deserialize<Dictionary<string, double>>(output);

            Console.Error.WriteLine(errors.Result);
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
