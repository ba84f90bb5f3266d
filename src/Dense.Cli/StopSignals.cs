using System.Runtime.InteropServices;
using Dense.Distributed.Launch;
using Dense.Training.Loop;

namespace Dense.Cli;

/// <summary>
/// Turns Ctrl-C, SIGTERM and SIGUSR1 (which mpirun hands on, and batch systems send before the time is up) into a
/// request to save and end. A second signal ends the program at once, as without a handler.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Func<string, bool> _onSignal;

    /// <summary>Begins to listen.</summary>
    /// <param name="onSignal">Gets the signal's name in place of <see cref="Request"/>; says whether the program goes
    /// on.</param>
    public StopSignals(Func<string, bool>? onSignal = null)
    {
        _onSignal = onSignal ?? Request.Set;
        _registrations =
        [
            Register(PosixSignal.SIGINT, "Ctrl-C", Signals.Interrupt),
            Register(PosixSignal.SIGTERM, "SIGTERM", Signals.Terminate),
            Register((PosixSignal)Signals.User, "SIGUSR1", Signals.User),
        ];
    }

    /// <summary>What the training looks at after every step.</summary>
    public StopRequest Request { get; } = new();

    /// <summary>The same for work that is not a training.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The exit code of a program that was stopped: that of the first signal.</summary>
    public int ExitCode { get; private set; } = Signals.ExitCode(Signals.Interrupt);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();

        _cancellation.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, string name, int number) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            if (!Token.IsCancellationRequested)
                ExitCode = Signals.ExitCode(number);

            context.Cancel = _onSignal(name);
            _cancellation.Cancel();
        });
}
