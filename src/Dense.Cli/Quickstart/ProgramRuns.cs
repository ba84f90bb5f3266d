using System.Diagnostics;
using Dense.Cli.Progress;

namespace Dense.Cli.Quickstart;

/// <summary>
/// Runs commands of this program, a few at a time with one thread each: on small networks two processes use two cores
/// better than one process with two threads.
/// </summary>
/// <param name="stop">Ends the commands.</param>
internal sealed class ProgramRuns(CancellationToken stop)
{
    // More would need more memory than small machines have: a pre-training takes 1.5 GB.
    private const int MostAtOnce = 4;
    private const int ShownLines = 12;

    private readonly LiveLine _line = LiveLine.OnStandardError();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _latest = [];

    /// <summary>Runs commands in their order, and returns when all are done.</summary>
    /// <exception cref="ProgramRunException">One of them failed.</exception>
    /// <exception cref="OperationCanceledException">The user stopped the program.</exception>
    public void All(IReadOnlyList<ProgramRun> runs)
    {
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 1, MostAtOnce),
            CancellationToken = stop,
        };
        Task.Run(() => Parallel.ForEachAsync(runs, options, RunAsync), stop).GetAwaiter().GetResult();
        _line.End();
    }

    private async ValueTask RunAsync(ProgramRun run, CancellationToken cancel)
    {
        Write($"   {run.Text}");
        var lines = new Queue<string>();
        long start = Stopwatch.GetTimestamp();
        await using StreamWriter log = File.CreateText(run.LogFile);
        using Process process = Start(run);
        await using (cancel.Register(process.Kill))
        {
            await Task.WhenAll(
                DrainAsync(run, process.StandardOutput, log, lines),
                DrainAsync(run, process.StandardError, log, lines));
            await process.WaitForExitAsync(CancellationToken.None);
        }

        cancel.ThrowIfCancellationRequested();
        if (process.ExitCode != CommandLine.Done)
            throw Failure(run, process.ExitCode, lines);

        Finish(run, Stopwatch.GetElapsedTime(start));
    }

    // Below a shared host ("dotnet densecl.dll") the program itself is the first argument.
    private static Process Start(ProgramRun run)
    {
        string host = Environment.ProcessPath!;
        bool isShared = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] program = isShared ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(host, [.. program, .. run.Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    private async Task DrainAsync(ProgramRun run, StreamReader reader, StreamWriter log, Queue<string> lines)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_lock)
            {
                log.WriteLine(line);
                lines.Enqueue(line);
                if (lines.Count > ShownLines)
                    lines.Dequeue();
            }

            Show(run, line);
        }
    }

    // A log line begins with how far it is; the figures behind the tab would not fit beside those of other commands.
    private void Show(ProgramRun run, string line)
    {
        string progress = line.Split('\t')[0].Trim();
        if (progress.StartsWith("eta", StringComparison.Ordinal))
            progress = string.Join(' ', progress.Split("  ").Take(2));

        lock (_lock)
        {
            _latest[run.Title] = progress;
            string text = string.Join(" | ", _latest.Select(r => $"{r.Key}: {r.Value}"));
            _line.Show(width => text.Length <= width ? text : text[..width]);
        }
    }

    private void Finish(ProgramRun run, TimeSpan elapsed)
    {
        lock (_lock)
        {
            _latest.Remove(run.Title);
            _line.WriteAbove($"   done: {run.Title}, {elapsed.TotalSeconds:F0} s");
        }
    }

    private void Write(string text)
    {
        lock (_lock)
            _line.WriteAbove(text);
    }

    private static ProgramRunException Failure(ProgramRun run, int exitCode, IEnumerable<string> lines) => new(
        $"the command for {run.Title} ended with exit code {exitCode}, expected 0:\n  {run.Text}\n"
        + $"Its last lines:\n  {string.Join("\n  ", lines)}\nAll of its output is in {run.LogFile}. Correct what it "
        + "names, remove the output folder and start again.");
}
