using System.CommandLine;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary>
/// <c>densecl convert</c>: turns any known weight file into the format that the output's extension names (P-144,
/// P-145).
/// </summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        Argument<string> input = WeightFileArguments.Input(
            "INPUT", "An extracted backbone, a training checkpoint, torchvision weights, a .pkl or a .safetensors " +
                "file; recognised by content.");
        var output = new Argument<string>("OUTPUT")
        {
            Description = "The file to write: .pkl (detectron2's names), .pth or .safetensors (torchvision's names).",
        };
        var noCounters = new Option<bool>("--no-counters") { Description = "Leave out num_batches_tracked." };
        Option<bool> incomplete = WeightFileArguments.AllowIncomplete();
        Option<bool> opaque = WeightFileArguments.AllowOpaqueObjects();
        var command = new Command("convert", "Convert weights between .pth, .pkl and .safetensors.")
        {
            input, output, noCounters, incomplete, opaque,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            counters: !parsed.GetValue(noCounters),
            parsed.GetValue(incomplete),
            parsed.GetValue(opaque)));
        return command.WithExamples(
            "densecl convert backbone.pth backbone.pkl",
            "densecl convert moco_v2_800ep_pretrain.pth.tar moco.pkl",
            "densecl convert backbone.pkl backbone.safetensors");
    }

    private static int Run(string input, string output, bool counters, bool allowIncomplete, bool allowOpaque)
    {
        WeightFileArguments.RequireExtension(output);
        WeightFile file = WeightFileArguments.Read(input, allowOpaque);
        WeightFileArguments.Verify(file, allowIncomplete);
        int count = BackboneConversion.Write(file, output, counters);
        Console.WriteLine($"{output}: {count} tensors from {file.Description}");
        return CommandLine.Done;
    }
}
