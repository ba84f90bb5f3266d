using System.CommandLine;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary><c>densecl export</c>: the whole model of a training checkpoint without its optimizer (E-73).</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Argument<string> checkpoint = WeightFileArguments.Input(
            "CHECKPOINT", "A training checkpoint of a detector or a pre-training.");
        var output = new Argument<string>("OUTPUT")
        {
            Description = "The file to write: .pth, .pkl or .safetensors. Names of tensors stay.",
        };
        Option<bool> opaque = WeightFileArguments.AllowOpaqueObjects();
        var command = new Command(
            "export", "Write the model of a checkpoint alone: smaller, and every PyTorch loads it.")
        {
            checkpoint, output, opaque,
        };
        command.SetAction(parsed => Run(
            WeightFileArguments.Read(parsed.GetRequiredValue(checkpoint), parsed.GetValue(opaque)),
            parsed.GetRequiredValue(output)));
        return command.WithExamples(
            "densecl export work_dirs/fcos/model_final.pth fcos.pth",
            "densecl export work_dirs/densecl/epoch_200.pth densecl.safetensors");
    }

    private static int Run(WeightFile file, string output)
    {
        WeightFileArguments.RequireExtension(output);
        int count = ModelExport.Write(file.File, output);
        Console.WriteLine($"{output}: {count} tensors from {file.File.Name}");
        return CommandLine.Done;
    }
}
