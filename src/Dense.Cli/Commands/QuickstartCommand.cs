using System.CommandLine;
using Dense.Cli.Quickstart;
using Dense.Torch.Native;

namespace Dense.Cli.Commands;

/// <summary><c>densecl quickstart</c>: the whole story on synthetic scenes.</summary>
internal static class QuickstartCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--output")
        {
            Description = "Folder for everything that is made.",
            DefaultValueFactory = _ => "work_dirs/quickstart",
            HelpName = "DIR",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of the scenes, the weights and the order of the images.",
        };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Epochs of each pre-training.",
            DefaultValueFactory = _ => QuickstartStory.DefaultEpochs,
        };
        var command = new Command(
            "quickstart",
            "Generate scenes, pre-train MoCo-v2 and DenseCL, extract, convert, probe: a table and a report in minutes.")
        {
            output, seed, epochs,
        };
        command.SetAction(parsed =>
        {
            NativeStartup.Require();
            new QuickstartStory(parsed.GetValue(output)!, parsed.GetValue(seed), parsed.GetValue(epochs)).Tell();
            return CommandLine.Done;
        });
        return command.WithExamples(
            "densecl quickstart",
            "densecl quickstart --output work_dirs/quickstart --seed 1");
    }
}
