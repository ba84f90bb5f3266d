using System.CommandLine;
using Dense.Distributed.Launch;
using TorchSharp;

namespace Dense.Cli.Launch;

/// <summary>The options of commands that can run in several processes, and the launcher behind them.</summary>
internal sealed class ProcessOptions
{
    /// <summary>GPUs of this machine.</summary>
    public Option<int?> Gpus { get; } = new("--num-gpus")
    {
        Description = "GPUs of this machine, with a process each; 0 computes on the CPU. Else the settings decide.",
        HelpName = "N",
    };

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
    public int Count(ParseResult parsed)
    {
        int? gpus = parsed.GetValue(Gpus), processes = parsed.GetValue(Number);
        int restarts = parsed.GetValue(MaxRestarts);
        if (gpus < 0)
            throw new UsageException($"--num-gpus {gpus}: expected 0 or more.");
        if (processes < 1)
            throw new UsageException($"--num-processes {processes}: expected 1 or more.");
        if (restarts < 0)
            throw new UsageException($"--max-restarts {restarts}: expected 0 or more.");

        return processes is null || gpus is null or 0
            ? processes ?? Math.Max(1, gpus ?? 0)
            : throw new UsageException($"--num-processes {processes} computes on the CPU, --num-gpus {gpus} on GPUs "
                + "with a process each: give one of them.");
    }

    /// <summary>
    /// The settings of the command line with the device that it asks for: the one that it names; else, where it counts
    /// processes, the CPU; where it counts GPUs, one of them; else none, and that of the file counts.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="key">The setting that names the device.</param>
    /// <param name="pairs">The settings of the command line: keys, each with its value behind it.</param>
    public string[] WithDevice(ParseResult parsed, string key, string[] pairs)
    {
        bool isNamed = pairs.Chunk(2).Any(p => p[0] == key && p[1] != "auto");
        int? gpus = parsed.GetValue(Gpus);
        return isNamed ? pairs
            : gpus == 0 || parsed.GetValue(Number) is not null ? [.. pairs, key, "cpu"]
            : gpus > 0 ? [.. pairs, key, "cuda"]
            : pairs;
    }

    /// <summary>Starts this command line again in several processes and waits for them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="processes">How many.</param>
    /// <param name="device">Where each computes.</param>
    /// <param name="newest">Finds the newest checkpoint; null while there is none.</param>
    /// <param name="toResume">Changes the arguments so that they go on from it.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">There are fewer GPUs than processes.</exception>
    public int Launch(
        ParseResult parsed,
        int processes,
        string device,
        Func<string?> newest,
        Func<IReadOnlyList<string>, IReadOnlyList<string>> toResume)
    {
        RankEnvironment.RequirePmix();
        if (device != "cpu" && processes > torch.cuda.device_count())
        {
            throw new UsageException($"{processes} processes on GPUs: this machine has {torch.cuda.device_count()} "
                + "CUDA devices, and each process needs its own. Give --num-gpus for those, or --num-processes for "
                + "the CPU.");
        }

        string[] arguments = [.. parsed.Tokens.Select(t => t.Value)];
        (string?, DateTime) before = Stamp(newest());
        var launcher = new LocalLauncher(
            new LaunchSettings
            {
                Program = Environment.ProcessPath!,
                Arguments = [.. Host(), .. arguments],

                // The checkpoints of another run are not to be gone on from.
                RestartArguments = () =>
                    [.. Host(), .. Stamp(newest()) == before ? arguments : toResume(arguments)],
                Processes = processes,
                MaxRestarts = parsed.GetValue(MaxRestarts),
            },
            message => Console.Error.WriteLine($"densecl: {message}"));
        using var signals = new StopSignals(_ =>
        {
            launcher.Stop();
            return true;
        });
        LaunchResult result = launcher.Run();
        if (result.ExitCode == CommandLine.Done)
            return CommandLine.Done;
        if (signals.Token.IsCancellationRequested)
            return signals.ExitCode;
        if (result.Loss is not null)
        {
            Console.Error.WriteLine(
                $"densecl: {result.Loss} To go on from the last checkpoint, resume; --max-restarts does.");
        }

        return result.ExitCode == CommandLine.WrongUse ? CommandLine.WrongUse : CommandLine.Failed;
    }

    private static (string? Path, DateTime Written) Stamp(string? checkpoint) =>
        (checkpoint, checkpoint is null ? default : File.GetLastWriteTimeUtc(checkpoint));

    // Started as "dotnet densecl.dll", the process is not the program.
    private static string[] Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Path.GetFullPath(Environment.GetCommandLineArgs()[0])]
        : [];
}
