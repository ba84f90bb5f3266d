using System.Runtime.InteropServices;

namespace Dense.Distributed.Launch;

/// <summary>Linux's numbers of the signals that are used here, and the exit code of a process that one ended.</summary>
public static class Signals
{
    /// <summary>SIGINT: Ctrl-C.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGUSR1: a request to save and end, which mpirun hands on to its ranks.</summary>
    public const int User = 10;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    private const int Base = 128;

    /// <summary>The exit code by which shells tell of a signal, such as 143 for SIGTERM.</summary>
    public static int ExitCode(int signal) => Base + signal;

    /// <summary>The signal that an exit code tells of; null when it tells of none.</summary>
    public static int? FromExitCode(int code) => code > Base ? code - Base : null;

    /// <summary>Sends a signal to a process, or to a group of processes by its negative number.</summary>
    [DllImport("libc", EntryPoint = "kill")]
    internal static extern int Send(int process, int signal);
}
