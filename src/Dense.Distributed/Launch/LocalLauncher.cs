using System.Diagnostics;
using System.Globalization;
using Dense.Distributed.Liveness;
using Dense.Distributed.Mpi;

namespace Dense.Distributed.Launch;

/// <summary>
/// Starts the ranks of a job on this machine through <c>mpirun</c>, with an equal share of the processors each, and
/// starts them again when one was lost (R12).
/// </summary>
public sealed class LocalLauncher
{
    /// <summary>The exit code of a rank that lost the others: worth another attempt. Elsewhere EX_TEMPFAIL.</summary>
    public const int RanksLost = 75;

    private static readonly TimeSpan LongestDeath = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly LaunchSettings _settings;
    private readonly Action<string> _note;
    private readonly Lock _gate = new();
    private Process? _running;
    private int _stops;

    /// <summary>Prepares a job.</summary>
    /// <param name="settings">What to start.</param>
    /// <param name="note">Told what a person should know, such as a restart.</param>
    public LocalLauncher(LaunchSettings settings, Action<string> note)
    {
        _settings = settings;
        _note = note;
    }

    /// <summary>Runs the job to its end, restarts included.</summary>
    /// <exception cref="MpiNotFoundException">Open MPI or the tools that start it are not there.</exception>
    /// <exception cref="LaunchException">The environment sets a limit that is none.</exception>
    public LaunchResult Run()
    {
        string mpirun = OpenMpiLibrary.RequireForJob();
        _ = RankLimits.FromEnvironment(); // One message here in place of one from every rank.
        LaunchResult result = RunOnce(mpirun, _settings.Arguments);
        for (int restart = 1; restart <= _settings.MaxRestarts && IsLoss(result) && _stops == 0; restart++)
        {
            _note($"{result.Loss ?? "A rank was lost."} Restart {restart} of {_settings.MaxRestarts}.");
            result = RunOnce(mpirun, _settings.RestartArguments());
        }

        return result;
    }

    /// <summary>
    /// Asks the ranks to save and end: SIGUSR1, which mpirun hands on. When asked again it ends them at once.
    /// </summary>
    public void Stop()
    {
        lock (_gate)
        {
            int signal = _stops++ == 0 ? Signals.User : Signals.Terminate;
            if (_running is { HasExited: false } process)
                _ = Signals.Send(process.Id, signal);
        }
    }

    // A failure that a rank explained comes back the same at the next attempt; a lost rank does not.
    private static bool IsLoss(LaunchResult result) => result.Loss is not null || result.ExitCode == RanksLost;

    private LaunchResult RunOnce(string mpirun, IReadOnlyList<string> arguments)
    {
        string path = Path.Combine(Path.GetTempPath(), $"densecl-ranks-{Path.GetRandomFileName()}");
        using RankBoard board = RankBoard.Create(path, _settings.Processes);
        try
        {
            using Process? process = Start(mpirun, arguments, path);
            if (process is null)
                return new LaunchResult(Signals.ExitCode(Signals.User), null);

            WaitForEnd(process, board);
            lock (_gate)
                _running = null;

            // mpirun may return while the ranks that it killed still die; the next attempt must not meet them.
            SpinWait.SpinUntil(() => !board.Present.Any(r => IsAlive(board[r].Process)), LongestDeath);
            int code = board.Failure?.Code ?? process.ExitCode; // mpirun gives that of any rank that ended itself.
            return new LaunchResult(code, code == 0 || _stops > 0 ? null : LossOf(board, code));
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Null when the job was stopped before it began.
    private Process? Start(string mpirun, IReadOnlyList<string> arguments, string board)
    {
        // A session of its own, or Ctrl-C would reach mpirun as well, which then kills the ranks before they have
        // saved; and mpirun must not outlive this process.
        var start = new ProcessStartInfo("setpriv",
        [
            "--pdeathsig", "TERM", "setsid", mpirun, .. Options(), "-np", Text(_settings.Processes),
            _settings.Program, .. arguments,
        ]);
        int share = Math.Max(1, Environment.ProcessorCount / _settings.Processes);
        SetDefault(start, "DOTNET_PROCESSOR_COUNT", share.ToString("x", CultureInfo.InvariantCulture));
        SetDefault(start, "OMP_NUM_THREADS", Text(share));
        start.Environment[RankBoard.PathVariable] = board;
        start.Environment["TERM"] = "dumb"; // mpirun gives ranks a pseudo-terminal, which .NET would greet with codes.
        lock (_gate)
        {
            _running = _stops == 0 ? Process.Start(start) : null;
            return _running;
        }
    }

    // Threads are shared out by number; binding to cores is left to the operating system, since mpirun knows nothing of
    // a container's limits. --quiet: the ranks and this class say what there is to say.
    private static IEnumerable<string> Options()
    {
        yield return "--quiet";
        yield return "--oversubscribe";
        yield return "--bind-to";
        yield return "none";

        // mpirun refuses root unless told; whoever started this process as root has decided that already.
        if (Environment.IsPrivilegedProcess)
            yield return "--allow-run-as-root";
    }

    // mpirun must not outlive its ranks, whatever it waits for: it is asked to end, then ended, with all it started.
    private void WaitForEnd(Process process, RankBoard board)
    {
        int signal = Signals.Terminate;
        long busy = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(LookInterval))
        {
            if (!board.Present.Any() || board.Present.Any(r => IsAlive(board[r].Process)))
            {
                busy = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(busy) > LongestDeath)
            {
                _note("mpirun has not ended with its ranks; it is ended.");
                _ = Signals.Send(-process.Id, signal);
                (signal, busy) = (Signals.Kill, Stopwatch.GetTimestamp());
            }
        }
    }

    // A zombie is not: it only waits for its parent to take note.
    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // The ranks that mpirun ends after a loss give signs of life for another second; the lost one does not.
    private static string? LossOf(RankBoard board, int code)
    {
        if (board.FailedRank is not null)
            return null;

        int[] met = [.. board.Present];
        string cause = Signals.FromExitCode(code) is { } signal ? $"signal {signal}" : $"exit code {code}";
        if (met.Length == 0)
            return $"The ranks ended by {cause} before they met.";

        int[] open = [.. met.Where(r => !board[r].Finished)];
        if (open.Length == 0)
            return null;

        int lost = open.MaxBy(r => board[r].Silence);
        return $"Rank {lost} of {board.Size} ended by {cause} ({board[lost]}).";
    }

    private static void SetDefault(ProcessStartInfo start, string name, string value)
    {
        if (!start.Environment.ContainsKey(name))
            start.Environment[name] = value;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
