using System.CommandLine;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Commands;

/// <summary>
/// <c>densecl precise-bn</c>: computes the statistics of a trained detector's BatchNorm anew (M-123 to M-128, KF-31).
/// </summary>
internal static class PreciseBnCommand
{
    private static readonly DetectionArguments Arguments = new();

    public static Command Create()
    {
        Command command = Arguments.NewCommand("precise-bn",
            "Compute the BatchNorm statistics of a detector anew, from TEST.PRECISE_BN.NUM_ITER training batches.");
        command.SetAction(Run);
        return command.WithExamples(
            "densecl precise-bn --config-file work_dirs/fcos/config.yaml "
            + "MODEL.WEIGHTS work_dirs/fcos/model_0004999.pth OUTPUT_DIR work_dirs/precise",
            "densecl train --config-file work_dirs/fcos/config.yaml --eval-only "
            + "MODEL.WEIGHTS work_dirs/precise/model_precise_bn.pth");
    }

    private static int Run(ParseResult parsed)
    {
        DetectionConfiguration configuration = Arguments.Load(parsed);
        DetectionRunOptions options = Arguments.Options(parsed) with { Task = DetectionTask.PreciseBatchNorm };
        return Arguments.Run(parsed, configuration, options);
    }
}
