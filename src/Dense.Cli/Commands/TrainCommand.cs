using System.CommandLine;
using Dense.Distributed.Launch;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Commands;

/// <summary>
/// <c>densecl train</c>: trains and evaluates FCOS and SOLOv2, with the arguments of tools/train_net.py.
/// </summary>
internal static class TrainCommand
{
    public const string Name = "train";

    private static readonly DetectionArguments Arguments = new();

    private static readonly DetectorOptions Departures = new();

    private static readonly Option<bool> Resume = DetectionArguments.Flag(
        "--resume", "Go on from the newest checkpoint in OUTPUT_DIR, if there is one.");

    private static readonly Option<bool> EvaluateOnly = DetectionArguments.Flag(
        "--eval-only", "Evaluate on DATASETS.TEST; no training.");

    private static readonly Option<int> Machines = DetectionArguments.Number("--num-machines", 1, "Machines.");

    private static readonly Option<int> MachineRank = DetectionArguments.Number(
        "--machine-rank", 0, "Number of this machine.");

    private static readonly Option<string> Address = new("--dist-url")
    {
        Description = "Without effect: the processes of a run find each other by MPI.",
        HelpName = "URL",
    };

    private static readonly Option<int> Accumulate = DetectionArguments.Number(
        "--accumulate", 1,
        "Compute the images of an iteration in N parts, for less memory; BatchNorm and losses see a part.");

    private static readonly Option<int> KeepCheckpoints = DetectionArguments.Number(
        "--keep-checkpoints", 0, "Periodic checkpoints that stay; 0 keeps all.");

    private static readonly Option<bool> ResetOptimizer = DetectionArguments.Flag(
        "--reset-optimizer",
        "With --resume: take weights and iteration only; the learning rate of the settings counts.");

    private static readonly Option<bool> ZeroBoxes = DetectionArguments.Flag(
        "--zero-solov2-boxes", "Report zero boxes for SOLOv2, as AdelaiDet does.");

    private static readonly Option<bool> BareNan = DetectionArguments.Flag(
        "--nan-as-token", "Write NaN into metrics.json instead of null.");

    private static readonly Option<bool> Validation = DetectionArguments.Flag(
        "--validation-loss", "At each evaluation also compute the losses on the images of DATASETS.TEST.");

    private static readonly Option<string> MixedPrecision = new("--amp")
    {
        Description = "bf16 computes training steps in bfloat16; SOLVER.AMP.ENABLED True in float16.",
        HelpName = "bf16",
    };

    public static Command Create()
    {
        Command command = Arguments.NewCommand(
            Name, "Train and evaluate a detector, FCOS or SOLOv2, with AdelaiDet's arguments.",
            Resume, EvaluateOnly, Machines, MachineRank, Address, Arguments.MaxRestarts, Accumulate, KeepCheckpoints,
            ResetOptimizer, ZeroBoxes, BareNan, Departures.ClipBeforeNms, Departures.MaxCandidates, Departures.OwnGrids,
            Departures.SmallestOwnsCell, Departures.DropVanished, Departures.NormaliseOverRanks, Validation,
            MixedPrecision);
        command.SetAction(Run);
        return command.WithExamples(
            "densecl train --config-file configs/DenseCL/FCOS_R50_1x_DenseCL.yaml "
            + "MODEL.WEIGHTS backbone.pkl OUTPUT_DIR work_dirs/fcos",
            "densecl train --config-file configs/DenseCL/SOLOv2_R50_1x_DenseCL.yaml "
            + "--num-gpus 0 MODEL.WEIGHTS backbone.pth",
            "densecl train --config-file configs/DenseCL/FCOS_R50_1x_DenseCL.yaml "
            + "--accumulate 4 MODEL.WEIGHTS backbone.pkl",
            "densecl train --config-file work_dirs/fcos/config.yaml --resume",
            "densecl train --config-file work_dirs/fcos/config.yaml --eval-only "
            + "MODEL.WEIGHTS work_dirs/fcos/model_final.pth",
            "densecl train --config-file my.yaml --register-datasets sets.yaml "
            + "DATASETS.TRAIN \"('my_train',)\" DATASETS.TEST \"('my_val',)\"");
    }

    private static int Run(ParseResult parsed)
    {
        RequireOneMachine(parsed);
        DetectionRunOptions options = OptionsOf(parsed);
        DetectionConfiguration configuration = Arguments.Load(parsed);
        Departures.RequireFor(parsed, configuration.Settings.Detector.Kind);
        return Arguments.Run(parsed, configuration, options, options.Task == DetectionTask.Train ? ToResume : null);
    }

    private static string[] ToResume(IReadOnlyList<string> arguments) =>
    [
        arguments[0], Resume.Name, .. arguments.Skip(1).Where(a => a != Resume.Name && a != ResetOptimizer.Name),
    ];

    internal static DetectionRunOptions OptionsOf(ParseResult parsed) => Arguments.Options(parsed) with
    {
        Task = parsed.GetValue(EvaluateOnly) ? DetectionTask.Evaluate : DetectionTask.Train,
        Resume = parsed.GetValue(Resume),
        ResetOptimizer = parsed.GetValue(ResetOptimizer),
        BatchParts = DetectionArguments.Positive(parsed, Accumulate),
        KeepCheckpoints = DetectionArguments.NotNegative(parsed, KeepCheckpoints),
        ZeroSoloV2Boxes = parsed.GetValue(ZeroBoxes),
        Solo = Departures.SoloOf(parsed),
        ClipsBeforeNms = parsed.GetValue(Departures.ClipBeforeNms),
        BareNan = parsed.GetValue(BareNan),
        BFloat16 = DetectionArguments.OneOf(parsed, MixedPrecision, "bf16") is not null,
        ValidationLoss = parsed.GetValue(Validation),
    };

    private static void RequireOneMachine(ParseResult parsed)
    {
        int machines = parsed.GetValue(Machines), rank = parsed.GetValue(MachineRank);
        if (!RankEnvironment.IsRank && (machines != 1 || rank != 0))
        {
            throw new UsageException($"--num-machines {machines} --machine-rank {rank}: this command starts the "
                + "processes of one machine. For several, start it by mpirun or srun on all of them: see "
                + "docs/distributed.md.");
        }
    }
}
