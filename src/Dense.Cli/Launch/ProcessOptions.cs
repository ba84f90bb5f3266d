using System.CommandLine;
using System.Runtime.InteropServices;
using Dense.Distributed.Launch;
using TorchSharp;

namespace Dense.Cli.Launch;

/// <summary>The options of commands that can run in several processes, and the launcher behind them.</summary>
internal sealed class ProcessOptions
{
    private const int InterruptedByUser = 130;
    private const int Terminated = 143;

    /// <summary>Processes on this machine.</summary>
    public Option<int?> Number { get; } = new("--num-processes")
    {
        Description = "Processes of this machine that compute together on the CPU (needs Open MPI).",
        HelpName = "N",
    };

    /// <summary>Restarts.</summary>
    public Option<int> MaxRestarts { get; } = new("--max-restarts")
    {
        Description = "How often to go on from the last checkpoint after one of several processes was lost.",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };

    /// <summary>How many processes to start: those of the CPU, or one per GPU.</summary>
    /// <exception cref="UsageException">A number that cannot be.</exception>
    public int Count(ParseResult parsed, int gpus)
    {
        int restarts = parsed.GetValue(MaxRestarts);
        if (restarts < 0)
            throw new UsageException($"--max-restarts {restarts}: expected 0 or more.");

        return parsed.GetValue(Number) switch
        {
            null => Math.Max(1, gpus),
            < 1 and var n => throw new UsageException($"--num-processes {n}: expected 1 or more."),
            var n when gpus > 0 => throw new UsageException(
                $"--num-processes {n} computes on the CPU, --num-gpus {gpus} on GPUs with a process each: give one of them."),
            var n => n.Value,
        };
    }

    /// <summary>Starts this command line again in several processes and waits for them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="processes">How many.</param>
    /// <param name="device">Where each computes.</param>
    /// <param name="toResume">Changes the arguments so that they go on from a checkpoint.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">There are fewer GPUs than processes.</exception>
    public int Launch(
        ParseResult parsed, int processes, string device, Func<IReadOnlyList<string>, IReadOnlyList<string>> toResume)
    {
        RankEnvironment.RequirePmix();
        if (device != "cpu" && processes > torch.cuda.device_count())
        {
            throw new UsageException($"{processes} processes on GPUs: this machine has {torch.cuda.device_count()} CUDA "
                + "devices, and each process needs its own. Give --num-gpus for those, or --num-processes for the CPU.");
        }

        string[] arguments = [.. parsed.Tokens.Select(t => t.Value)];
        var launcher = new LocalLauncher(
            new LaunchSettings
            {
                Program = Environment.ProcessPath!,
                Arguments = [.. Host(), .. arguments],
                RestartArguments = [.. Host(), .. toResume(arguments)],
                Processes = processes,
                MaxRestarts = parsed.GetValue(MaxRestarts),
            },
            message => Console.Error.WriteLine($"densecl: {message}"));

        int? stopped = null;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Stop(c, InterruptedByUser));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Stop(c, Terminated));
        LaunchResult result = launcher.Run();
        if (result.ExitCode == CommandLine.Done)
            return CommandLine.Done;
        if (stopped is { } code)
            return code;
        if (result.Loss is not null)
            Console.Error.WriteLine($"densecl: {result.Loss} To go on from the last checkpoint, resume; --max-restarts does.");

        return result.ExitCode == CommandLine.WrongUse ? CommandLine.WrongUse : CommandLine.Failed;

        void Stop(PosixSignalContext context, int code)
        {
            context.Cancel = true;
            stopped ??= code;
            launcher.Stop();
        }
    }

    // Started as "dotnet densecl.dll", the process is not the program.
    private static string[] Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Path.GetFullPath(Environment.GetCommandLineArgs()[0])]
        : [];
}
