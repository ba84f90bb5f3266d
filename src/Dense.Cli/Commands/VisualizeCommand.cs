using System.CommandLine;
using Dense.Imaging;
using Dense.Models.Backbones;
using Dense.Torch.Native;
using Dense.Training.Evaluation;

namespace Dense.Cli.Commands;

/// <summary><c>densecl visualize</c>: pictures of what a network sees.</summary>
internal static class VisualizeCommand
{
    public static Command Create() => new("visualize", "Draw what a backbone sees.") { CorrespondenceCommand() };

    private static Command CorrespondenceCommand()
    {
        var first = new Argument<string>("A") { Description = "The first image." };
        var second = new Argument<string>("B") { Description = "The second image." };
        var weights = new Option<string>("--weights")
        {
            Description = "Weight file: a checkpoint, a backbone, .pth, .pkl or .safetensors.",
            Required = true,
            HelpName = "FILE",
        };
        var output = new Option<string>("--output")
        {
            Description = "The picture, .png or .jpg.",
            Required = true,
            HelpName = "FILE",
        };
        var threshold = new Option<double>("--threshold")
        {
            Description = "Smallest cosine similarity of a match.",
            DefaultValueFactory = _ => 0.9,
        };
        var most = new Option<int>("--max-matches")
        {
            Description = "Draw the most similar ones only.",
            DefaultValueFactory = _ => 40,
            HelpName = "N",
        };
        var size = new Option<int>("--size")
        {
            Description = "Side that both images are squeezed to before the network; each 32 pixels make a cell.",
            DefaultValueFactory = _ => 448,
        };
        var command = new Command("correspondence", "Draw the cells of two images that are each other's best match.")
        {
            first, second, weights, output, threshold, most, size,
        };
        command.SetAction(parsed =>
        {
            NativeStartup.Require();
            using ResNet network = BackboneFile.Load(parsed.GetRequiredValue(weights));
            using var decoder = new ImageDecoder();
            RgbImage a = new(), b = new();
            decoder.DecodeFile(parsed.GetRequiredValue(first), a);
            decoder.DecodeFile(parsed.GetRequiredValue(second), b);

            IReadOnlyList<CellMatch> matches = new Correspondence(network, parsed.GetValue(size))
                .Match(a, b, parsed.GetValue(threshold));
            CorrespondencePicture.Save(a, b, [.. matches.Take(parsed.GetValue(most))], parsed.GetRequiredValue(output));
            Console.WriteLine(matches.Count == 0
                ? $"No mutual matches with a cosine of {parsed.GetValue(threshold)} or more; try a lower --threshold."
                : $"{matches.Count} mutual matches, cosine {matches[^1].Cosine:F3} to {matches[0].Cosine:F3}; "
                    + $"{parsed.GetValue(output)}");
            return CommandLine.Done;
        });
        return command.WithExamples(
            "densecl visualize correspondence a.jpg b.jpg --weights work_dirs/photos/latest.pth --output matches.png",
            "densecl visualize correspondence a.jpg b.jpg --weights densecl_r50_imagenet_200ep.pth --output "
                + "matches.png --threshold 0.8");
    }
}
