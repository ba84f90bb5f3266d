using System.Diagnostics;

namespace Dense.EndToEnd.Tests;

/// <summary>Runs the program as a user does: a process of its own.</summary>
internal static class Densecl
{
    /// <summary>What a run gave.</summary>
    internal sealed record Result(int ExitCode, string Output, string Errors);

    /// <summary>The folder of the program under test, with everything it needs.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Runs the program beside the tests.</summary>
    public static Result Run(params string[] arguments) => Run(Folder, [], arguments);

    /// <summary>Runs a program in another folder.</summary>
    /// <param name="folder">Where <c>densecl</c> is.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The command line.</param>
    public static Result Run(string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "densecl"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, errors.Result);
    }
}
