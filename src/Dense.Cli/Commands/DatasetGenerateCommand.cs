using System.CommandLine;
using System.Diagnostics;
using Dense.Imaging.Scenes;

namespace Dense.Cli.Commands;

/// <summary><c>densecl dataset generate</c>: writes synthetic scenes with boxes and masks.</summary>
internal static class DatasetGenerateCommand
{
    private static readonly Argument<DirectoryInfo> Folder = new("dir") { Description = "A new or empty folder." };

    private static readonly Option<int> Images = Count("--images", 1000, "Pictures with boxes and masks.");

    private static readonly Option<int> Unlabelled = Count("--unlabelled", 0, "More pictures, for pre-training.");

    private static readonly Option<int> Probe = Count(
        "--probe", 0, "Single-object pictures with a class, to fit a probe on; half as many again to measure it.");

    private static readonly Option<int> Size = new("--size")
    {
        Description = $"Width and height in pixels, {Scene.SmallestSize} to {Scene.LargestSize}.",
        DefaultValueFactory = _ => 128,
    };

    private static readonly Option<long> Seed = new("--seed") { Description = "The same seed gives the same files." };

    private static readonly Option<bool> Split = new("--split")
    {
        Description = "Put every fifth labelled picture into a validation set of its own.",
    };

    private static readonly Option<bool> Simple = new("--simple")
    {
        Description = "Quiet scenes of four classes with hues and patterns of their own, not eight outlines.",
    };

    private static readonly Option<bool> Png = new("--png") { Description = "Write PNG instead of JPEG." };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "Threads that draw; the files do not depend on it.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Command Create()
    {
        var command = new Command(
            "generate", "Write synthetic scenes: textured shapes with boxes and masks (COCO format).")
        {
            Folder, Images, Unlabelled, Probe, Size, Seed, Simple, Split, Png, Workers,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl dataset generate scenes --split",
            "densecl dataset generate scenes --simple --split",
            "densecl dataset generate scenes --images 500 --unlabelled 2000 --probe 400 --size 96 --seed 7");
    }

    private static int Run(ParseResult parsed)
    {
        string folder = parsed.GetRequiredValue(Folder).FullName;
        var options = new SceneOptions
        {
            Images = parsed.GetValue(Images),
            Unlabelled = parsed.GetValue(Unlabelled),
            Probe = parsed.GetValue(Probe),
            Size = parsed.GetValue(Size),
            Seed = parsed.GetValue(Seed),
            Look = parsed.GetValue(Simple) ? SceneLook.Simple : SceneLook.Independent,
            Split = parsed.GetValue(Split),
            Png = parsed.GetValue(Png),
            Workers = parsed.GetValue(Workers),
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new UsageException(e.Message);
        }

        var watch = Stopwatch.StartNew();
        int written = 0;
        SceneDataset.Write(folder, options, _ => Interlocked.Increment(ref written));
        Console.Error.WriteLine($"{written} pictures in {watch.Elapsed.TotalSeconds:F1} s");
        Console.WriteLine(folder);
        return CommandLine.Done;
    }

    private static Option<int> Count(string name, int value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
