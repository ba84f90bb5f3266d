using System.Runtime.InteropServices;

namespace Dense.Testing;

/// <summary>Signals to other processes.</summary>
public static class ProcessSignals
{
    /// <summary>Sends one.</summary>
    /// <param name="process">The process's number.</param>
    /// <param name="signal">The signal's number, such as 15 for SIGTERM.</param>
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    public static void Send(int process, int signal)
    {
        if (Kill(process, signal) != 0)
            throw new InvalidOperationException($"Process {process} does not take signal {signal}.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
