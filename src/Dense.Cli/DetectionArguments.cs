using System.CommandLine;
using Dense.Cli.Commands;
using Dense.Cli.Launch;
using Dense.Cli.Progress;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Torch.Native;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Cli;

/// <summary>
/// The arguments of the commands that run a detector over its data sets, in one process or several, and what such a
/// command does with them.
/// </summary>
internal sealed class DetectionArguments
{
    private readonly Option<string> _configFile = new("--config-file")
    {
        Description = "YAML file with the settings, of AdelaiDet or of this project.",
        Required = true,
        HelpName = "FILE",
    };

    private readonly ProcessOptions _processes = new();

    private readonly Option<FileInfo> _datasets = new("--register-datasets")
    {
        Description = "YAML file of own data sets: name: {json_file: FILE, image_root: FOLDER}.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _skipBadImages = Flag(
        "--skip-bad-images", "Train on another image where one cannot be read; at most one in a thousand.");

    private readonly Option<bool> _allowMissingWeights = Flag(
        "--allow-missing-weights", "Go on when MODEL.WEIGHTS lacks weights of the model.");

    private readonly Option<bool> _opaque = WeightFileArguments.AllowOpaqueObjects();

    private readonly Option<string> _exif = new("--exif")
    {
        Description = "apply turns photographs as their EXIF tag says, ignore does not.",
        DefaultValueFactory = _ => "apply",
    };

    private readonly Option<bool> _transposeSwapped = Flag(
        "--transpose-swapped",
        "Transpose images whose width and height are swapped in the annotations, as AdelaiDet does.");

    private readonly Option<int> _sizeBuckets = Number(
        "--size-buckets", 1, "Make batches of similar images, N groups of them, so that less of a batch is padding.");

    private readonly Argument<string[]> _settings = new("KEY VALUE")
    {
        Description = "Settings that replace those of the file, in pairs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>How often a lost run starts again.</summary>
    public Option<int> MaxRestarts => _processes.MaxRestarts;

    /// <summary>A command with these arguments, except <see cref="MaxRestarts"/>, and options of its own.</summary>
    public Command NewCommand(string name, string description, params IEnumerable<Option> own)
    {
        var command = new Command(name, description)
        {
            _configFile, _processes.Gpus, _processes.Number, _datasets, _skipBadImages, _allowMissingWeights, _opaque,
            _exif, _transposeSwapped, _sizeBuckets, _settings,
        };
        foreach (Option option in own)
            command.Add(option);

        return command;
    }

    /// <summary>The configuration: the file, the pairs behind it, and where to compute.</summary>
    /// <exception cref="UsageException">The arguments contradict each other.</exception>
    public DetectionConfiguration Load(ParseResult parsed)
    {
        string[] pairs = parsed.GetValue(_settings) ?? [];
        Overrides.RequirePairs(pairs);

        return DetectionConfiguration.Load(
            parsed.GetRequiredValue(_configFile), _processes.WithDevice(parsed, "MODEL.DEVICE", pairs));
    }

    /// <summary>What these arguments say of a run.</summary>
    /// <exception cref="UsageException">A value that cannot be.</exception>
    public DetectionRunOptions Options(ParseResult parsed) => new()
    {
        CommandLine = string.Join(' ', parsed.Tokens.Select(t => t.Value)),
        ConfigurationFile = parsed.GetRequiredValue(_configFile),
        DatasetRegistrations = parsed.GetValue(_datasets)?.FullName,
        SkipBadImages = parsed.GetValue(_skipBadImages),
        AllowMissingWeights = parsed.GetValue(_allowMissingWeights),
        AllowOpaqueObjects = parsed.GetValue(_opaque),
        IgnoreExif = OneOf(parsed, _exif, "apply", "ignore") == "ignore",
        TransposeSwapped = parsed.GetValue(_transposeSwapped),
        SizeBuckets = Positive(parsed, _sizeBuckets),
        LocalWeights = NamedWeights.Fetch,
    };

    /// <summary>Does the task, in as many processes as were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="configuration">What <see cref="Load"/> gave.</param>
    /// <param name="options">What <see cref="Options"/> gave, and more.</param>
    /// <param name="toResume">Changes the arguments so that they go on from a checkpoint; null where the task begins
    /// anew.</param>
    /// <returns>The exit code.</returns>
    public int Run(
        ParseResult parsed,
        DetectionConfiguration configuration,
        DetectionRunOptions options,
        Func<IReadOnlyList<string>, IReadOnlyList<string>>? toResume = null)
    {
        int count = _processes.Count(parsed);
        string device = configuration.Settings.Device;
        options = options with { Device = RankProcess.DeviceOf(device) };
        NativeStartup.Require();
        return count > 1 && !RankEnvironment.IsRank
            ? _processes.Launch(
                parsed, count, device, new DetectionCheckpoints(configuration.Settings.OutputDirectory).Latest,
                toResume ?? (a => a))
            : RankProcess.Run(ranks => Execute(configuration, options, ranks));
    }

    /// <summary>The value of an option that takes certain words; null when it is absent and has no default.</summary>
    /// <exception cref="UsageException">Another word.</exception>
    public static string? OneOf(ParseResult parsed, Option<string> option, params string[] allowed)
    {
        string? value = parsed.GetValue(option);
        return value is null || allowed.Contains(value)
            ? value
            : throw new UsageException($"{option.Name} {value}: expected {string.Join(" or ", allowed)}.");
    }

    /// <summary>The value of an option that takes 0 or more.</summary>
    /// <exception cref="UsageException">It is negative.</exception>
    public static int NotNegative(ParseResult parsed, Option<int> option)
    {
        int value = parsed.GetValue(option);
        return value >= 0 ? value : throw new UsageException($"{option.Name} {value}: expected 0 or more.");
    }

    /// <summary>The value of an option that takes 1 or more.</summary>
    /// <exception cref="UsageException">It is smaller.</exception>
    public static int Positive(ParseResult parsed, Option<int> option)
    {
        int value = parsed.GetValue(option);
        return value >= 1 ? value : throw new UsageException($"{option.Name} {value}: expected 1 or more.");
    }

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.Zero,
    };

    /// <summary>An option with a whole number.</summary>
    public static Option<int> Number(string name, int value, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        HelpName = "N",
    };

    private static int Execute(DetectionConfiguration configuration, DetectionRunOptions options, ICollectives ranks)
    {
        Console.WriteLine($"Command line arguments: {options.CommandLine}");
        using var stop = new StopSignals();
        using var terminal = RunTerminal.ForConsole();
        using var run = new DetectionRun(configuration, options, terminal, ranks, TimeProvider.System);
        return run.Execute(stop.Request) switch
        {
            DetectionOutcome.Interrupted => stop.ExitCode,
            DetectionOutcome.UnexpectedResults => CommandLine.Failed,
            _ => CommandLine.Done,
        };
    }
}
