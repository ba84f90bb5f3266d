using System.Diagnostics;

namespace Dense.EndToEnd.Tests;

/// <summary>Runs the program as a user does: a process of its own.</summary>
internal static class Densecl
{
    /// <summary>The folder of the program under test, with everything it needs.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Runs the program beside the tests.</summary>
    public static ChildProcess Run(params string[] arguments) => Run(Folder, [], arguments);

    /// <summary>Starts the program beside the tests without waiting for it; its output is dropped.</summary>
    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Folder, "densecl"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs a program in another folder.</summary>
    /// <param name="folder">Where <c>densecl</c> is.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The command line.</param>
    public static ChildProcess Run(string folder, Dictionary<string, string> environment, params string[] arguments) =>
        ChildProcess.Run(Path.Combine(folder, "densecl"), arguments, environment);
}
