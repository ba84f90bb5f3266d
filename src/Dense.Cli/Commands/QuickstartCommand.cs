using System.CommandLine;
using Dense.Cli.Quickstart;
using Dense.Torch.Native;

namespace Dense.Cli.Commands;

/// <summary><c>densecl quickstart</c>: the whole story on synthetic scenes.</summary>
internal static class QuickstartCommand
{
    private static readonly QuickstartOptions Defaults = new() { Folder = "work_dirs/quickstart" };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Folder for everything that is made; new or empty.",
        DefaultValueFactory = _ => Defaults.Folder,
        HelpName = "DIR",
    };

    private static readonly Option<int> Seed = Number(
        "--seed", Defaults.Seed, "Seed of the scenes, the pre-trainings and the first fine-tuning.", least: 0);

    private static readonly Option<int> Repeats = Number(
        "--seeds", Defaults.Repeats, "How often each fine-tuning is repeated, with a seed of its own.", least: 1);

    private static readonly Option<int> Epochs = Number(
        "--epochs", Defaults.Epochs, "Epochs of each pre-training.", least: 1);

    private static readonly Option<int> Iterations = Number(
        "--iterations", Defaults.Iterations, "Iterations of each fine-tuning.", least: 1);

    private static readonly Option<int> Unlabelled = Number(
        "--unlabelled", Defaults.Unlabelled, "Scenes to pre-train on.", least: 64);

    private static readonly Option<int> Labelled = Number(
        "--labelled", Defaults.Labelled, "Scenes to fine-tune on.", least: 1);

    private static readonly Option<int> Validation = Number(
        "--validation", Defaults.Validation, "Scenes to evaluate on.", least: 1);

    public static Command Create()
    {
        var command = new Command(
            "quickstart",
            "Generate scenes, pre-train MoCo-v2 and DenseCL, convert, fine-tune FCOS and SOLOv2: "
            + "a table and a report in minutes.")
        {
            Output, Seed, Repeats, Epochs, Iterations, Unlabelled, Labelled, Validation,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl quickstart",
            "densecl quickstart --output work_dirs/quickstart --seeds 3",
            "densecl quickstart --output work_dirs/longer --epochs 40 --iterations 2000 --unlabelled 8192");
    }

    private static int Run(ParseResult parsed)
    {
        var options = new QuickstartOptions
        {
            Folder = parsed.GetRequiredValue(Output),
            Seed = parsed.GetValue(Seed),
            Repeats = parsed.GetValue(Repeats),
            Epochs = parsed.GetValue(Epochs),
            Iterations = parsed.GetValue(Iterations),
            Unlabelled = parsed.GetValue(Unlabelled),
            Labelled = parsed.GetValue(Labelled),
            Validation = parsed.GetValue(Validation),
        };
        NativeStartup.Require();
        using var signals = new StopSignals();
        try
        {
            new QuickstartStory(options, signals.Token).Tell();
            return CommandLine.Done;
        }
        catch (OperationCanceledException)
        {
            return signals.ExitCode;
        }
    }

    private static Option<int> Number(string name, int value, string description, int least)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            HelpName = "N",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError($"{name}: expected {least} or more.");
        });
        return option;
    }
}
