using System.CommandLine;
using Dense.Cli.Launch;
using Dense.Cli.Progress;
using Dense.Detection.SoloV2;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Torch.Native;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Commands;

/// <summary>
/// <c>densecl train</c>: trains and evaluates FCOS and SOLOv2, with the arguments of tools/train_net.py.
/// </summary>
internal static class TrainCommand
{
    public const string Name = "train";

    private const string DeviceKey = "MODEL.DEVICE";

    private static readonly Option<string> ConfigFile = new("--config-file")
    {
        Description = "YAML file with the settings, of AdelaiDet or of this project.",
        Required = true,
        HelpName = "FILE",
    };

    private static readonly Option<bool> Resume = Flag(
        "--resume", "Go on from the newest checkpoint in OUTPUT_DIR, if there is one.");

    private static readonly Option<bool> EvaluateOnly = Flag("--eval-only", "Evaluate on DATASETS.TEST; no training.");

    private static readonly Option<int> Gpus = Number(
        "--num-gpus", 1, "GPUs of this machine, with a process each; 0 computes on the CPU.");

    private static readonly ProcessOptions Several = new();

    private static readonly Option<int> Machines = Number("--num-machines", 1, "Machines.");

    private static readonly Option<int> MachineRank = Number("--machine-rank", 0, "Number of this machine.");

    private static readonly Option<string> Address = new("--dist-url")
    {
        Description = "Without effect: the processes of a run find each other by MPI.",
        HelpName = "URL",
    };

    private static readonly Option<FileInfo> Datasets = new("--register-datasets")
    {
        Description = "YAML file of own data sets: name: {json_file: FILE, image_root: FOLDER}.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> SkipBadImages = Flag(
        "--skip-bad-images", "Train on another image where one cannot be read; at most one in a thousand.");

    private static readonly Option<int> KeepCheckpoints = Number(
        "--keep-checkpoints", 0, "Periodic checkpoints that stay; 0 keeps all.");

    private static readonly Option<bool> AllowMissingWeights = Flag(
        "--allow-missing-weights", "Go on when MODEL.WEIGHTS lacks weights of the model.");

    private static readonly Option<bool> ResetOptimizer = Flag(
        "--reset-optimizer", "With --resume: take weights and iteration only; the learning rate of the settings counts.");

    private static readonly Option<string> Exif = new("--exif")
    {
        Description = "apply turns photographs as their EXIF tag says, ignore does not.",
        DefaultValueFactory = _ => "apply",
    };

    private static readonly Option<bool> TransposeSwapped = Flag(
        "--transpose-swapped", "Transpose images whose width and height are swapped in the annotations, as AdelaiDet does.");

    private static readonly Option<bool> ZeroBoxes = Flag(
        "--zero-solov2-boxes", "Report zero boxes for SOLOv2, as AdelaiDet does.");

    private static readonly Option<bool> OverProcesses = Flag(
        "--normalise-over-processes", "Divide SOLOv2's losses by means over the processes, as FCOS's are: their number then "
            + "changes nothing. AdelaiDet divides by each process's own counts.");

    private static readonly Option<bool> BareNan = Flag("--nan-as-token", "Write NaN into metrics.json instead of null.");

    private static readonly Option<bool> Validation = Flag(
        "--validation-loss", "At each evaluation also compute the losses on the images of DATASETS.TEST.");

    private static readonly Option<string> MixedPrecision = new("--amp")
    {
        Description = "bf16 computes training steps in bfloat16; SOLVER.AMP.ENABLED True in float16.",
        HelpName = "bf16",
    };

    private static readonly Argument<string[]> Settings = new("KEY VALUE")
    {
        Description = "Settings that replace those of the file, in pairs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command(Name, "Train and evaluate a detector, FCOS or SOLOv2, with AdelaiDet's arguments.")
        {
            ConfigFile, Resume, EvaluateOnly, Gpus, Machines, MachineRank, Address, Datasets, SkipBadImages,
            KeepCheckpoints, AllowMissingWeights, ResetOptimizer, Exif, TransposeSwapped, ZeroBoxes, OverProcesses, BareNan,
            Validation, MixedPrecision, Several.Processes, Several.MaxRestarts, Settings,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl train --config-file configs/DenseCL/FCOS_R50_1x_DenseCL.yaml MODEL.WEIGHTS backbone.pkl OUTPUT_DIR work_dirs/fcos",
            "densecl train --config-file configs/DenseCL/SOLOv2_R50_1x_DenseCL.yaml --num-gpus 0 MODEL.WEIGHTS backbone.pth",
            "densecl train --config-file work_dirs/fcos/config.yaml --resume",
            "densecl train --config-file work_dirs/fcos/config.yaml --eval-only MODEL.WEIGHTS work_dirs/fcos/model_final.pth",
            "densecl train --config-file my.yaml --register-datasets sets.yaml DATASETS.TRAIN \"('my_train',)\" DATASETS.TEST \"('my_val',)\"");
    }

    private static int Run(ParseResult parsed)
    {
        string[] pairs = parsed.GetValue(Settings) ?? [];
        Overrides.RequirePairs(pairs);
        RequireOneMachine(parsed);
        bool onCpu = parsed.GetValue(Several.Processes) is not null;
        int count = Several.Count(parsed, onCpu && parsed.GetResult(Gpus) is not { Implicit: false } ? 0 : NotNegative(parsed, Gpus));
        string text = string.Join(' ', parsed.Tokens.Select(t => t.Value));
        DetectionRunOptions options = OptionsOf(parsed, text);
        DetectionConfiguration configuration = LoadOf(parsed, pairs, onCpu);
        NativeStartup.Require();
        return count > 1 && !RankEnvironment.IsRank
            ? Several.Launch(parsed, count, configuration.Settings.Device, ToResume)
            : RankProcess.Run(ranks => Train(configuration, options, ranks));
    }

    private static int Train(DetectionConfiguration configuration, DetectionRunOptions options, ICollectives ranks)
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

    private static string[] ToResume(IReadOnlyList<string> arguments) =>
    [
        arguments[0], Resume.Name, .. arguments.Skip(1).Where(a => a != Resume.Name && a != ResetOptimizer.Name),
    ];

    private static DetectionRunOptions OptionsOf(ParseResult parsed, string text) => new()
    {
        CommandLine = text,
        Resume = parsed.GetValue(Resume),
        EvaluateOnly = parsed.GetValue(EvaluateOnly),
        ResetOptimizer = parsed.GetValue(ResetOptimizer),
        AllowMissingWeights = parsed.GetValue(AllowMissingWeights),
        KeepCheckpoints = NotNegative(parsed, KeepCheckpoints),
        DatasetRegistrations = parsed.GetValue(Datasets)?.FullName,
        SkipBadImages = parsed.GetValue(SkipBadImages),
        IgnoreExif = OneOf(parsed, Exif, "apply", "ignore") == "ignore",
        TransposeSwapped = parsed.GetValue(TransposeSwapped),
        ZeroSoloV2Boxes = parsed.GetValue(ZeroBoxes),
        SoloV2 = new SoloOptions { NormaliseOverRanks = parsed.GetValue(OverProcesses) },
        BareNan = parsed.GetValue(BareNan),
        BFloat16 = OneOf(parsed, MixedPrecision, "bf16") is not null,
        LocalWeights = NamedWeights.Fetch,
        ValidationLoss = parsed.GetValue(Validation),
    };

    // --num-gpus 0 asks for the CPU; whoever names a device on the command line means that one.
    private static DetectionConfiguration LoadOf(ParseResult parsed, string[] pairs, bool onCpu)
    {
        bool named = pairs.Where((_, i) => i % 2 == 0).Contains(DeviceKey);
        string[] asked = !named && (onCpu || NotNegative(parsed, Gpus) == 0) ? [DeviceKey, "cpu"] : [];
        string file = parsed.GetRequiredValue(ConfigFile);
        var configuration = DetectionConfiguration.Load(file, [.. asked, .. pairs]);
        string name = configuration.Settings.Device, own = RankProcess.DeviceOf(name, name == "cuda");
        return own == name ? configuration : DetectionConfiguration.Load(file, [.. asked, .. pairs, DeviceKey, own]);
    }

    private static void RequireOneMachine(ParseResult parsed)
    {
        int machines = parsed.GetValue(Machines), rank = parsed.GetValue(MachineRank);
        if (!RankEnvironment.IsRank && (machines != 1 || rank != 0))
        {
            throw new UsageException($"--num-machines {machines} --machine-rank {rank}: this command starts the processes of "
                + "one machine. For several, start it by mpirun or srun on all of them: see docs/distributed.md.");
        }
    }

    private static string? OneOf(ParseResult parsed, Option<string> option, params string[] allowed)
    {
        string? value = parsed.GetValue(option);
        return value is null || allowed.Contains(value)
            ? value
            : throw new UsageException($"{option.Name} {value}: expected {string.Join(" or ", allowed)}.");
    }

    private static int NotNegative(ParseResult parsed, Option<int> option)
    {
        int value = parsed.GetValue(option);
        return value >= 0 ? value : throw new UsageException($"{option.Name} {value}: expected 0 or more.");
    }

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    private static Option<int> Number(string name, int value, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        HelpName = "N",
    };
}
