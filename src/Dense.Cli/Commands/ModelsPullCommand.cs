using System.CommandLine;
using Dense.Checkpoints;
using Dense.Hub;

namespace Dense.Cli.Commands;

/// <summary><c>densecl models pull</c>: brings a published model onto this machine.</summary>
internal static class ModelsPullCommand
{
    private static readonly Argument<string> Name = new("name")
    {
        Description = "A model of 'densecl models', or its file's name.",
    };

    private static readonly Option<string[]> Mirror = new("--mirror")
    {
        Description = "Look there first: a folder on the web, or the file's address. May be repeated. " +
            $"More: ${Mirrors.Variable}, and {Mirrors.FileName} in the cache folder.",
    };

    private static readonly Option<FileInfo?> Output = new("--output", "-o")
    {
        Description = "Also write the file under this name; the extension does not matter.",
    };

    public static Command Create()
    {
        var command = new Command("pull", "Download a published model, verified and resumable.")
        {
            Name, Mirror, Output,
        };
        command.SetAction(RunAsync);
        return command.WithExamples(
            "densecl models pull densecl-r50-coco-800ep",
            "densecl models pull densecl-r50-coco-800ep --output densecl_r50_coco_800ep.pkl",
            "densecl models pull densecl-r50-coco-800ep --mirror https://my-server/models/");
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string name = parsed.GetRequiredValue(Name);
        string known = string.Join(", ", ModelCatalogue.Models.Select(m => m.Name));
        PublishedModel model = ModelCatalogue.Find(name)
            ?? throw new UsageException($"There is no published model '{name}'. Known are: {known}.");
        ModelCache cache = ModelsCommand.CacheOf(parsed);
        IReadOnlyList<Uri> addresses = Mirrors.For(
            model, parsed.GetValue(Mirror) ?? [], Environment.GetEnvironmentVariable(Mirrors.Variable), cache.Folder);

        StoredModel stored;
        var report = new DownloadReport(Console.Error, terminal: !Console.IsErrorRedirected);
        try
        {
            using var store = new ModelStore(cache);
            stored = await store.PullAsync(model, addresses, report, cancellation);
        }
        finally
        {
            report.End();
        }

        Console.Error.WriteLine(stored.Downloaded
            ? $"Verified: the whole backbone of ResNet-{model.Depth}. SHA-256, recorded: {stored.Content.Sha256}"
            : "Already on this machine, and unchanged.");

        string path = parsed.GetValue(Output) is { } output ? Copy(stored.Path, output.FullName) : stored.Path;
        Console.WriteLine(path);
        Console.Error.WriteLine($"Next: densecl convert {path} {Path.ChangeExtension(path, null)}-detectron2.pkl");
        return CommandLine.Done;
    }

    private static string Copy(string source, string target)
    {
        AtomicFile.Write(target, stream =>
        {
            using FileStream file = File.OpenRead(source);
            file.CopyTo(stream);
        });
        return target;
    }
}
