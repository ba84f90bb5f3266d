using System.Diagnostics;

namespace Dense.Distributed.Tests;

/// <summary>
/// Two machines on one: network namespaces with a link between them, each with a name and shared memory of its own.
/// Needs root and Linux's <c>ip</c>.
/// </summary>
internal sealed class TwoMachines : IDisposable
{
    private const string FirstAddress = "10.213.77.1", SecondAddress = "10.213.77.2";

    private readonly string _first = $"dc{Environment.ProcessId}a", _second = $"dc{Environment.ProcessId}b";
    private readonly TempFolder _folder = new();

    private TwoMachines()
    {
    }

    /// <summary>Creates them; null and the refusal where this is not allowed.</summary>
    public static (TwoMachines? Machines, string Refusal) Create()
    {
        var machines = new TwoMachines();
        try
        {
            machines.Connect();
            return (machines, "");
        }
        catch (Exception e)
        {
            machines.Dispose();
            return (null, e.Message);
        }
    }

    /// <summary>Starts two ranks on each machine.</summary>
    public Process Start(string program, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("ip",
        [
            "netns", "exec", _first, "mpirun", "--allow-run-as-root", "--bind-to", "none",
            "--host", $"{FirstAddress}:2,{SecondAddress}:2", "-np", "4",
            "--mca", "plm_rsh_agent", Agent(),
            .. variables.Keys.SelectMany(name => (string[])["-x", name]),
            program, .. arguments,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;

        return Process.Start(start)!;
    }

    /// <summary>Cuts the link.</summary>
    public void Cut() => Ip("-n", _first, "link", "set", "wire", "down");

    public void Dispose()
    {
        // A namespace takes its end of the link with it.
        ChildProcess.Run("ip", ["netns", "delete", _first]);
        ChildProcess.Run("ip", ["netns", "delete", _second]);
        _folder.Dispose();
    }

    private void Connect()
    {
        Ip("netns", "add", _first);
        Ip("netns", "add", _second);
        Ip("-n", _first, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", _second);
        foreach (var (name, address) in ((string, string)[])[(_first, FirstAddress), (_second, SecondAddress)])
        {
            Ip("-n", name, "address", "add", $"{address}/24", "dev", "wire");
            Ip("-n", name, "link", "set", "wire", "up");
            Ip("-n", name, "link", "set", "lo", "up");
        }
    }

    // What mpirun starts instead of ssh, with the machine's name and a command.
    private string Agent()
    {
        const string Preparation = "hostname second; mount -t tmpfs tmpfs /dev/shm";
        _folder.Write("agent", $"""
            shift
            exec ip netns exec {_second} unshare --uts --mount sh -c "{Preparation}; $*"

            """);
        return $"/bin/sh {_folder["agent"]}";
    }

    private static void Ip(params string[] arguments)
    {
        ChildProcess result = ChildProcess.Run("ip", arguments);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result.Errors}");
    }
}
