namespace Dense.Training.Loop;

/// <summary>
/// Asks a running loop to save a checkpoint and end after the current step. Set from a signal handler or another
/// thread, read by the loop once per step.
/// </summary>
public sealed class StopRequest
{
    private volatile string? _reason;

    /// <summary>Why the loop should stop, for the log; null while it should go on.</summary>
    public string? Reason => _reason;

    /// <summary>Asks the loop to stop. The first reason stays.</summary>
    /// <returns>Whether this was the first request.</returns>
    public bool Set(string reason) => Interlocked.CompareExchange(ref _reason, reason, null) is null;
}
