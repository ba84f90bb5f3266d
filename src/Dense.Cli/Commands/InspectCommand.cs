using System.CommandLine;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary><c>densecl inspect</c>: what is in a weight file, who wrote it, and which command fits next.</summary>
internal static class InspectCommand
{
    private const int FirstRows = 20;

    public static Command Create()
    {
        Argument<string> input = WeightFileArguments.Input("FILE", "A .pth, .pkl or .safetensors file; recognised by " +
            "content.");
        var json = new Option<bool>("--json") { Description = "Write JSON for a program to read." };
        var all = new Option<bool>("--all") { Description = $"List every tensor instead of the first {FirstRows}." };
        Option<bool> opaque = WeightFileArguments.AllowOpaqueObjects();
        var command = new Command("inspect", "Show what is in a weight file.") { input, json, all, opaque };
        command.SetAction(parsed =>
        {
            WeightFile file = WeightFileArguments.Read(parsed.GetRequiredValue(input), parsed.GetValue(opaque));
            if (parsed.GetValue(json))
                InspectJson.Write(file, Console.OpenStandardOutput());
            else
                Print(file, parsed.GetValue(all));

            return CommandLine.Done;
        });
        return command.WithExamples(
            "densecl inspect epoch_200.pth",
            "densecl inspect backbone.pkl --all",
            "densecl inspect backbone.safetensors --json");
    }

    private static void Print(WeightFile file, bool all)
    {
        IReadOnlyList<NamedTensor> tensors = NamedTensor.AllOf(file.File);
        Console.WriteLine(file.File.Name);
        foreach (var (label, text) in Summary(file, tensors))
            Console.WriteLine($"  {label,-11}{text}");

        Console.WriteLine();
        int rows = all ? tensors.Count : Math.Min(FirstRows, tensors.Count);
        int width = rows == 0 ? 0 : tensors.Take(rows).Max(t => t.Name.Length);
        foreach (NamedTensor t in tensors.Take(rows))
            Console.WriteLine($"  {t.Name.PadRight(width)}  {t.Tensor.ElementType,-8}  {ShapeText(t.Tensor)}");

        if (rows < tensors.Count)
            Console.WriteLine($"  … {tensors.Count - rows} more: --all lists them");
    }

    private static IEnumerable<(string Label, string Text)> Summary(WeightFile file, IReadOnlyList<NamedTensor> tensors)
    {
        yield return ("format", $"{FormatText(file.File.Format)}, {file.File.Length / 1e6:0.0} MB");
        yield return ("checksum", ChecksumText(file.File.Checksum));
        yield return ("content", file.Description);
        if (file.Author is not null)
            yield return ("written by", file.Author);

        if (EpochOf(file.File) is { } epoch)
            yield return ("trained", $"{epoch} epochs");

        if (file.Backbone.Count > 0)
            yield return ("backbone", BackboneVerification.Check(file.Backbone).Report.Verdict);

        string types =
            string.Join(", ", tensors.GroupBy(t => t.Tensor.ElementType).Select(g => $"{g.Count()} {g.Key}"));
        yield return ("tensors", $"{tensors.Count} ({types}), {tensors.Sum(t => t.Tensor.Count) / 1e6:0.0} million " +
            "numbers");
        if (NextCommand(file) is { } next)
            yield return ("next", next);
    }

    /// <summary>The command that fits a file; null when none does.</summary>
    internal static string? NextCommand(WeightFile file)
    {
        string stem = Path.GetFileNameWithoutExtension(file.File.Name);
        return file.Kind switch
        {
            WeightFileKind.Unknown or WeightFileKind.Detector => null,
            WeightFileKind.Detectron2Backbone => $"MODEL.WEIGHTS {file.File.Name} in a detectron2 configuration",
            WeightFileKind.ExtractedBackbone or WeightFileKind.Torchvision =>
                $"densecl convert {file.File.Name} {stem}.pkl",
            _ => $"densecl extract {file.File.Name} {stem}_backbone.pth",
        };
    }

    private static string FormatText(CheckpointFormat format) => format switch
    {
        CheckpointFormat.TorchZip => "PyTorch (ZIP)",
        CheckpointFormat.TorchLegacy => "PyTorch before 1.6",
        CheckpointFormat.Safetensors => "safetensors",
        _ => "pickle",
    };

    private static string ChecksumText(ChecksumState state) => state switch
    {
        ChecksumState.Crc32Verified => "CRC-32 of every record verified",
        ChecksumState.Sha256Verified => "SHA-256 file beside it verified",
        _ => "none: the format has none, and no .sha256 file stands beside it",
    };

    // Ours and the reference's keep it under "meta", facebookresearch/moco at the top.
    private static long? EpochOf(CheckpointFile file)
    {
        if (file.Root is not CheckpointMap root)
            return null;

        CheckpointMap owner = root.TryGet("meta", out CheckpointMap? meta) ? meta : root;
        return owner.TryGetValue("epoch", out object? epoch) ? epoch as long? : null;
    }

    private static string ShapeText(TensorRecord tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
