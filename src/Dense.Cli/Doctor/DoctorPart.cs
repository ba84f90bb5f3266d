using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Dense.Cli.Doctor;

/// <summary>
/// Runs checks in a process of their own, because a damaged library can take down the process that loads it. The child
/// says what it is about to do, and then what it found, a line each.
/// </summary>
internal static class DoctorPart
{
    private const string BeginMark = "@begin ";
    private const string FindingMark = "@finding ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Says, in the child, what is looked at next: it is to blame if the process ends there.</summary>
    public static void Begin(string subject) => WriteLine(BeginMark + subject);

    /// <summary>Reports a finding from the child.</summary>
    public static void Report(Finding finding) => WriteLine(FindingMark + JsonSerializer.Serialize(finding));

    /// <summary>Runs a part in a child process.</summary>
    /// <param name="part">The value of <c>--part</c>.</param>
    public static IReadOnlyList<Finding> Run(string part)
    {
        using Process child = Start(part);
        Task<string> errors = child.StandardError.ReadToEndAsync();
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        bool ended = child.WaitForExit(Patience);
        if (!ended)
            child.Kill(entireProcessTree: true);

        child.WaitForExit();
        return Read(output.Result, ended ? child.ExitCode : null, errors.Result);
    }

    /// <summary>Reads what a child wrote.</summary>
    /// <param name="output">Its standard output.</param>
    /// <param name="exitCode">Its exit code; null when it had to be ended.</param>
    /// <param name="errors">Its standard error.</param>
    internal static IReadOnlyList<Finding> Read(string output, int? exitCode, string errors)
    {
        var findings = new List<Finding>();
        string subject = "start";
        foreach (string line in output.Split('\n'))
        {
            if (line.StartsWith(BeginMark, StringComparison.Ordinal))
                subject = line[BeginMark.Length..].Trim();
            else if (line.StartsWith(FindingMark, StringComparison.Ordinal))
                findings.Add(JsonSerializer.Deserialize<Finding>(line[FindingMark.Length..])!);
        }

        if (exitCode != 0)
        {
            findings.Add(Finding.Fail(subject, Ending(exitCode, errors),
                "The file is probably damaged or does not fit the others: install densecl again."));
        }

        return findings;
    }

    private static string Ending(int? exitCode, string errors)
    {
        string how = exitCode switch
        {
            null => $"did not end within {Patience.TotalMinutes:0} minutes",
            > 128 and < 160 => $"ends the process that tries it (signal {exitCode - 128})",
            _ => $"ends the process that tries it (exit code {exitCode})",
        };
        string? words = errors.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0);
        return words is null ? how : $"{how}: {words}";
    }

    private static Process Start(string part)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "densecl.dll"));

        foreach (string argument in (string[])["doctor", "--part", part])
            start.ArgumentList.Add(argument);

        return Process.Start(start)!;
    }

    private static void WriteLine(string line)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
