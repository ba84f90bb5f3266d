using System.CommandLine;
using Dense.Cli.Datasets;
using Dense.Coco.Annotations;
using Dense.Coco.Checks;

namespace Dense.Cli.Commands;

/// <summary><c>densecl dataset check</c>: finds what would break training.</summary>
internal static class DatasetCheckCommand
{
    private static readonly Argument<FileInfo> Annotations =
        new("GT") { Description = "COCO annotation file (.json or .json.gz)." };

    private static readonly Option<DirectoryInfo> Images = new("--images")
    {
        Description = "Folder of the images; every file is decoded. Without it only the annotation file is checked.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Write JSON for a program to read." };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "Threads that decode images.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Command Create()
    {
        var command = new Command("check", "Find what would break training: ids, boxes, masks, image files. Exit " +
            "code 1 when something would.")
        {
            Annotations, Images, Json, Workers,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl dataset check instances_train2017.json --images train2017",
            "densecl dataset check annotations.json --json");
    }

    private static int Run(ParseResult parsed)
    {
        int workers = parsed.GetValue(Workers);
        if (workers < 1)
            throw new UsageException($"--workers {workers}: expected 1 or more.");

        DirectoryInfo? images = parsed.GetValue(Images);
        if (images is { Exists: false })
            throw new UsageException($"--images {images}: there is no such folder.");

        FileInfo file = parsed.GetRequiredValue(Annotations);
        var dataset = CocoDataset.Load(file.FullName);
        IReadOnlyList<Finding>? imageFindings = images is null
            ? null
            : new ImageFolderCheck(dataset, images.FullName).Run(workers);

        CheckReport report = DatasetCheck.Run(dataset, imageFindings);
        if (parsed.GetValue(Json))
            CheckReportText.WriteJson(report, Console.OpenStandardOutput());
        else
            CheckReportText.Write(report, Console.Out);

        return report.BreaksTraining ? CommandLine.Failed : CommandLine.Done;
    }
}
