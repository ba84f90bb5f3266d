using System.Runtime.ExceptionServices;

namespace Dense.Coco.Evaluation;

/// <summary>Runs numbered pieces of work on a few threads; each thread takes the next chunk when it is free.</summary>
internal static class SharedWork
{
    /// <summary>Runs pieces 0 to <paramref name="count"/> − 1.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="chunk">How many a thread takes at a time.</param>
    /// <param name="threads">Threads at most, the caller's included.</param>
    /// <param name="createWorker">Makes what one thread needs: a function that does a piece.</param>
    /// <exception cref="CocoFormatException">That of the first piece that failed, whatever the number of
    /// threads.</exception>
    public static void Run(int count, int chunk, int threads, Func<Action<int>> createWorker)
    {
        int next = 0, firstFailed = int.MaxValue;
        ExceptionDispatchInfo? failure = null;
        object gate = new();

        int helpers = Math.Min(threads, (count + chunk - 1) / chunk) - 1;
        Task[] tasks = [.. Enumerable.Range(0, Math.Max(0, helpers)).Select(_ => Task.Run(Work))];
        Work();
        Task.WaitAll(tasks);
        failure?.Throw();

        void Work()
        {
            Action<int> worker = createWorker();
            for (int start; (start = Interlocked.Add(ref next, chunk) - chunk) < count;)
            {
                for (int piece = start; piece < Math.Min(start + chunk, count); piece++)
                {
                    try
                    {
                        worker(piece);
                    }
                    catch (CocoFormatException e)
                    {
                        // Every piece before this one has been taken by some thread, so the smallest number wins in the
                        // end.
                        lock (gate)
                        {
                            if (piece < firstFailed)
                                (firstFailed, failure) = (piece, ExceptionDispatchInfo.Capture(e));
                        }

                        Volatile.Write(ref next, count);
                        break;
                    }
                }
            }
        }
    }
}
