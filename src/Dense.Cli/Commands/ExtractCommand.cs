using System.CommandLine;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary>
/// <c>densecl extract</c>: takes the backbone, the projection head or both out of a training checkpoint (P-143).
/// </summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        Argument<string> checkpoint = WeightFileArguments.Input("CHECKPOINT", "A training checkpoint: ours, " +
            "DenseCL's, MoCo's or mmselfsup's.");
        var output = new Argument<string>("OUT.pth") { Description = "The file to write; its name ends in .pth." };
        var part = new Option<string>("--part")
        {
            Description = "backbone, neck (the projection head), or all.",
            DefaultValueFactory = _ => "backbone",
        };
        part.AcceptOnlyFromAmong("backbone", "neck", "all");
        Option<bool> incomplete = WeightFileArguments.AllowIncomplete();
        Option<bool> opaque = WeightFileArguments.AllowOpaqueObjects();
        var command = new Command("extract", "Take the backbone out of a training checkpoint.")
        {
            checkpoint, output, part, incomplete, opaque,
        };
        command.SetAction(parsed => Run(
            WeightFileArguments.Read(parsed.GetRequiredValue(checkpoint), parsed.GetValue(opaque)),
            parsed.GetRequiredValue(output),
            Enum.Parse<BackbonePart>(parsed.GetRequiredValue(part), ignoreCase: true),
            parsed.GetValue(incomplete)));
        return command.WithExamples(
            "densecl extract work_dirs/densecl/epoch_200.pth backbone.pth",
            "densecl extract epoch_200.pth neck.pth --part neck",
            "densecl convert backbone.pth backbone.pkl    (the next step, for detectors)");
    }

    private static int Run(WeightFile file, string output, BackbonePart part, bool allowIncomplete)
    {
        if (Path.GetExtension(output) != ".pth")
            throw new UsageException(
                $"{output}: the name should end in .pth. For other formats: densecl convert {file.File.Name} {output}");

        if (part != BackbonePart.Neck)
            WeightFileArguments.Verify(file, allowIncomplete);

        CheckpointMap content = BackboneExtraction.Extract(file, part);
        TorchFile.Write(output, content);
        Console.WriteLine($"{output}: {content.GetMap("state_dict").Count} tensors from {file.Description}");
        Console.Error.WriteLine($"next: densecl convert {output} {Path.ChangeExtension(output, ".pkl")}");
        return CommandLine.Done;
    }
}
