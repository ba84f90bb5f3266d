using System.CommandLine;
using Dense.Cli.Launch;
using Dense.Cli.Progress;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Torch.Native;
using Dense.Training.Checkpointing;
using Dense.Training.Loop;
using Dense.Training.Settings;

namespace Dense.Cli.Commands;

/// <summary><c>densecl pretrain</c>: trains DenseCL, MoCo-v2 or the supervised baseline.</summary>
internal static class PretrainCommand
{
    private const string FreshName = "--fresh";

    public static Command Create()
    {
        var configFile = new Option<string>("--config-file")
        {
            Description = "YAML file with the settings.",
            Required = true,
            HelpName = "FILE",
        };
        Option<bool> resume = DetectionArguments.Flag(
            "--resume", "Go on from the newest checkpoint in OUTPUT_DIR. This is the default.");
        Option<bool> fresh = DetectionArguments.Flag(FreshName, "Start from the beginning, whatever OUTPUT_DIR holds.");
        var processes = new ProcessOptions();
        var overrides = new Argument<string[]>("KEY VALUE")
        {
            Description = "Settings that replace those of the file, in pairs.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        var command = new Command(
            "pretrain", "Pre-train a backbone on images: DenseCL, MoCo-v2 or the supervised baseline.")
        {
            configFile, resume, fresh, processes.Gpus, processes.Number, processes.MaxRestarts, overrides,
        };
        command.SetAction(parsed => Run(
            parsed,
            new Request(
                parsed.GetRequiredValue(configFile),
                parsed.GetValue(resume),
                parsed.GetValue(fresh),
                parsed.GetValue(overrides) ?? []),
            processes));
        return command.WithExamples(
            "densecl pretrain --config-file configs/pretraining/small/densecl_r18.yaml "
            + "DATA.ROOT photos OUTPUT_DIR work_dirs/photos",
            "densecl pretrain --config-file configs/pretraining/densecl/densecl_coco_800ep.yaml --num-gpus 8",
            "densecl pretrain --config-file configs/pretraining/small/densecl_r18.yaml "
            + "--num-processes 4 --max-restarts 3",
            "densecl pretrain --config-file work_dirs/photos/config.yaml --resume",
            "densecl pretrain --config-file configs/pretraining/small/moco_r18.yaml --fresh SOLVER.EPOCHS 20 SEED 1");
    }

    private static int Run(ParseResult parsed, Request request, ProcessOptions processes)
    {
        if (request.Resume && request.Fresh)
            throw new UsageException("--resume and --fresh contradict each other: give one of them.");

        Overrides.RequirePairs(request.Overrides);
        int count = processes.Count(parsed);
        NativeStartup.Require();
        var configuration = PretrainingConfiguration.Load(
            request.ConfigFile, processes.WithDevice(parsed, "DEVICE", request.Overrides));
        return count > 1 && !RankEnvironment.IsRank
            ? processes.Launch(
                parsed, count, configuration.Settings.Device,
                new CheckpointFolder(configuration.Settings.OutputDirectory).Latest,
                arguments => [.. arguments.Where(a => a != FreshName)])
            : RankProcess.Run(ranks => Train(configuration, request.Fresh, ranks));
    }

    private static int Train(PretrainingConfiguration configuration, bool fresh, ICollectives ranks)
    {
        using var stop = new StopSignals();
        TerminalLog terminal = TerminalLog.ForStandardError();
        string device = RankProcess.DeviceOf(configuration.Settings.Device);
        using var run = new PretrainingRun(configuration, fresh, [terminal], ranks, TimeProvider.System, device);
        RunOutcome outcome = run.Execute(stop.Request, ranks.Rank == 0 ? terminal.Step : null);
        if (outcome == RunOutcome.Interrupted)
            return stop.ExitCode;

        if (run.Checkpoints.Latest() is { } latest)
            Console.WriteLine(latest);

        return CommandLine.Done;
    }

    private sealed record Request(string ConfigFile, bool Resume, bool Fresh, string[] Overrides);
}
