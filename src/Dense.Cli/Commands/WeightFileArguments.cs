using System.CommandLine;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Cli.Commands;

/// <summary>What the commands on weight files have in common.</summary>
internal static class WeightFileArguments
{
    /// <summary>The file to read.</summary>
    public static Argument<string> Input(string name, string description) => new(name) { Description = description };

    /// <summary>Reads classes outside the allow-list as inert placeholders (E-51).</summary>
    public static Option<bool> AllowOpaqueObjects() => new("--allow-opaque-pickle-objects")
    {
        Description = "Read past objects of unknown classes instead of refusing the file. They are never run.",
    };

    /// <summary>Refuses to write a file of an unknown format.</summary>
    /// <exception cref="UsageException">It is one.</exception>
    public static void RequireExtension(string output)
    {
        if (!BackboneConversion.Extensions.Contains(Path.GetExtension(output)))
            throw new UsageException(
                $"{output}: the name should end in {string.Join(", ", BackboneConversion.Extensions)}.");
    }

    /// <summary>Reads and recognises a file, and shows its warnings.</summary>
    public static WeightFile Read(string path, bool allowOpaqueObjects)
    {
        // The mapping lasts as long as the process: one command, one file.
        var options = new CheckpointReadOptions { AllowOpaqueObjects = allowOpaqueObjects, MapFile = true };
        WeightFile file = WeightFile.Recognize(CheckpointFile.Read(path, options));
        foreach (string warning in file.Warnings)
            Console.Error.WriteLine($"warning: {path}: {warning}");

        return file;
    }

    /// <summary>Refuses a backbone that is not a whole ResNet with finite values, unless that is wanted.</summary>
    /// <exception cref="CheckpointFormatException">Something is missing or wrong.</exception>
    public static void Verify(WeightFile file, bool allowIncomplete)
    {
        file.RequireBackbone();
        BackboneVerification verification = BackboneVerification.Check(file.Backbone);
        if (verification.IsGood)
            Console.Error.WriteLine($"ResNet-{verification.Depth}: {verification.Report.Verdict}, all values finite");
        else if (allowIncomplete)
            Console.Error.WriteLine($"warning: {verification.ToText()}");
        else
            throw new CheckpointFormatException(
                file.File.Name,
                $"the backbone is not what a ResNet needs.\n{verification.ToText()}\n" +
                "To go on nevertheless: --allow-incomplete");
    }

    /// <summary>The option that goes with <see cref="Verify"/>.</summary>
    public static Option<bool> AllowIncomplete() => new("--allow-incomplete")
    {
        Description = "Accept a backbone with missing tensors, other shapes or values that are not finite.",
    };
}
