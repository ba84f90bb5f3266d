using System.Runtime.InteropServices;
using Dense.Training.Loop;

namespace Dense.Cli;

/// <summary>
/// Turns Ctrl-C, SIGTERM and SIGUSR1 (which mpirun hands on, and batch systems send before the time is up) into a request
/// to save and end. A second signal ends the program at once, as without a handler.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int InterruptedByUser = 130;
    private const int Terminated = 143;
    private const int UserSignal = 10;

    private readonly PosixSignalRegistration _interrupt, _terminate, _user;
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Begins to listen.</summary>
    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => OnSignal(c, "Ctrl-C", InterruptedByUser));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => OnSignal(c, "SIGTERM", Terminated));
        _user = PosixSignalRegistration.Create((PosixSignal)UserSignal, c => OnSignal(c, "SIGUSR1", 128 + UserSignal));
    }

    /// <summary>What the training looks at after every step.</summary>
    public StopRequest Request { get; } = new();

    /// <summary>The same for work that is not a training.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The exit code of a program that was stopped.</summary>
    public int ExitCode { get; private set; } = InterruptedByUser;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _user.Dispose();
        _cancellation.Dispose();
    }

    private void OnSignal(PosixSignalContext context, string reason, int code)
    {
        context.Cancel = Request.Set(reason);
        ExitCode = code;
        _cancellation.Cancel();
    }
}
