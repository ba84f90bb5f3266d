using System.Text.RegularExpressions;

namespace Dense.Distributed.Tests;

/// <summary>Runs the scenarios of Dense.Distributed.Ranks in several processes. Needs Debian's openmpi-bin.</summary>
internal static partial class RankProgram
{
    private static string Program => Path.Combine(AppContext.BaseDirectory, "Dense.Distributed.Ranks");

    /// <summary>Runs a scenario through our launcher.</summary>
    public static ChildProcess Launch(
        int processes, string[] scenario, int restarts = 0, params (string, string)[] variables) =>
        ChildProcess.Run(Program, ["launch", $"{processes}", $"{restarts}", .. scenario], Environment(variables));

    /// <summary>Runs a scenario through mpirun alone.</summary>
    public static ChildProcess MpiRun(int processes, string[] scenario, params (string, string)[] variables) =>
        ChildProcess.Run(
            "mpirun", ["--oversubscribe", "--allow-run-as-root", "-np", $"{processes}", Program, .. scenario],
            Environment(variables));

    /// <summary>
    /// Whether a process runs. A zombie does not: it waits for the machine's first process to take note.
    /// </summary>
    public static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The numbers of the processes that say what they are.</summary>
    public static IEnumerable<int> ProcessesIn(string output) =>
        ProcessLine().Matches(output).Select(m => int.Parse(m.Groups[1].Value));

    [GeneratedRegex(@"process (\d+)")]
    private static partial Regex ProcessLine();

    private static Dictionary<string, string> Environment((string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(v => v.Name, v => v.Value);
        all["OMP_WAIT_POLICY"] = "PASSIVE";
        return all;
    }
}
