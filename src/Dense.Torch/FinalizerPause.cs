using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Dense.Torch;

/// <summary>
/// Keeps .NET's finalizer thread waiting while tensors are computed, so that it frees nothing that a running operation
/// still reads. Hold it around a loop that computes while other threads allocate.
/// </summary>
/// <remarks>
/// A number in a tensor expression, as in <c>x * 0.5</c>, becomes a native <c>Scalar</c> whose only reference is gone
/// before the native operation has read it. A garbage collection that another thread causes in that moment finalises
/// it, and the operation reads freed memory: an exception about an unknown scalar type, a crash, or a wrong number. The
/// object that <see cref="Hold"/> drops blocks the one finalizer thread from within its own finalizer.
/// </remarks>
public sealed class FinalizerPause : IDisposable
{
    private static readonly TimeSpan BreathingPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly Lock Entry = new();
    private static int _threads;
    private static long _heldSince;
    private static ManualResetEventSlim? _open;

    [ThreadStatic]
    private static int _depth;

    private bool _isDisposed;

    private FinalizerPause()
    {
    }

    /// <summary>Begins a pause; pauses of one thread nest, those of several threads overlap.</summary>
    /// <returns>Ends the pause when it is disposed, on the same thread.</returns>
    public static FinalizerPause Begin()
    {
        if (_depth++ == 0)
        {
            lock (Entry)
            {
                if (_threads++ == 0)
                    Hold();
            }
        }

        return new FinalizerPause();
    }

    /// <summary>
    /// Lets the finalizers run that have waited for a second or more. Call it between steps, where this thread
    /// computes nothing; while other threads hold a pause, nothing happens.
    /// </summary>
    public static void Breathe()
    {
        lock (Entry)
        {
            if (_threads != 1 || _depth == 0 || Stopwatch.GetElapsedTime(_heldSince) < BreathingPeriod)
                return;

            _open?.Set();
            Hold();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        if (--_depth > 0)
            return;

        lock (Entry)
        {
            if (--_threads == 0)
                _open?.Set();
        }
    }

    // The finalizers that are due run first: the gate is the last in their queue. Collects all generations,
    // because the runtime's own collections seldom come due beside these.
    private static void Hold()
    {
        var arrived = new ManualResetEventSlim();
        _open = new ManualResetEventSlim();
        Drop(arrived, _open);
        long begin = Stopwatch.GetTimestamp();
        do
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        while (!arrived.Wait(millisecondsTimeout: 500) && Stopwatch.GetElapsedTime(begin) < LongestWait);
        _heldSince = Stopwatch.GetTimestamp();
    }

    // In a method of its own, so that no register keeps the gate alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(ManualResetEventSlim arrived, ManualResetEventSlim open) => _ = new Gate(arrived, open);

    private sealed class Gate(ManualResetEventSlim arrived, ManualResetEventSlim open)
    {
        ~Gate()
        {
            arrived.Set();
            open.Wait();
        }
    }
}
