using System.CommandLine;
using Dense.Cli.Progress;
using Dense.Distributed;
using Dense.Torch.Native;
using Dense.Training.Loop;
using Dense.Training.Settings;

namespace Dense.Cli.Commands;

/// <summary><c>densecl pretrain</c>: trains DenseCL, MoCo-v2 or the supervised baseline.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var configFile = new Option<string>("--config-file")
        {
            Description = "YAML file with the settings.",
            Required = true,
            HelpName = "FILE",
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on from the newest checkpoint in OUTPUT_DIR. This is the default.",
        };
        var fresh = new Option<bool>("--fresh")
        {
            Description = "Start from the beginning, whatever OUTPUT_DIR holds.",
        };
        var processes = new Option<int?>("--num-gpus")
        {
            Description = "GPUs to use: 0 computes on the CPU, 1 on one GPU. Without it DEVICE of the "
                + "settings decides.",
            HelpName = "N",
        };
        var overrides = new Argument<string[]>("KEY VALUE")
        {
            Description = "Settings that replace those of the file, in pairs.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        var command = new Command("pretrain", "Pre-train a backbone on images: DenseCL, MoCo-v2 or the supervised baseline.")
        {
            configFile, resume, fresh, processes, overrides,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(configFile),
            parsed.GetValue(resume),
            parsed.GetValue(fresh),
            parsed.GetValue(processes),
            parsed.GetValue(overrides) ?? []));
        return command.WithExamples(
            "densecl pretrain --config-file configs/pretraining/small/densecl_r18.yaml DATA.ROOT photos OUTPUT_DIR work_dirs/photos",
            "densecl pretrain --config-file configs/pretraining/densecl/densecl_coco_800ep.yaml --num-gpus 1",
            "densecl pretrain --config-file work_dirs/photos/config.yaml --resume",
            "densecl pretrain --config-file configs/pretraining/small/moco_r18.yaml --fresh SOLVER.EPOCHS 20 SEED 1");
    }

    private static int Run(string configFile, bool resume, bool fresh, int? gpus, string[] overrides)
    {
        if (resume && fresh)
            throw new UsageException("--resume and --fresh contradict each other: give one of them.");

        Overrides.RequirePairs(overrides);
        NativeStartup.Require();
        PretrainingConfiguration configuration = PretrainingConfiguration.Load(configFile, [.. overrides, .. DeviceOf(gpus)]);

        using var stop = new StopSignals();
        TerminalLog terminal = TerminalLog.ForStandardError();
        using var run = new PretrainingRun(configuration, fresh, [terminal], SingleProcess.Instance, TimeProvider.System);
        RunOutcome outcome = run.Execute(stop.Request, terminal.Step);
        if (outcome == RunOutcome.Interrupted)
            return stop.ExitCode;

        if (run.Checkpoints.Latest() is { } latest)
            Console.WriteLine(latest);

        return CommandLine.Done;
    }

    private static string[] DeviceOf(int? gpus) => gpus switch
    {
        null => [],
        0 => ["DEVICE", "cpu"],
        1 => ["DEVICE", "cuda"],
        _ => throw new UsageException($"--num-gpus {gpus}: this version trains with one process; give 0 (CPU) or 1."),
    };
}
