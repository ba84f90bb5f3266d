using System.CommandLine;
using System.Text.Json;
using Dense.Hub;

namespace Dense.Cli.Commands;

/// <summary><c>densecl models</c>: the published models, and what of them is on this machine.</summary>
internal static class ModelsCommand
{
    /// <summary>The folder that keeps downloaded models; of <c>models</c> and its subcommands.</summary>
    public static readonly Option<string?> Cache = new("--cache")
    {
        Description = $"Folder for downloaded models. Default: ${ModelCache.Variable}, else " +
            "$XDG_CACHE_HOME/densecl/models, else ~/.cache/densecl/models.",
        Recursive = true,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        var command = new Command("models", "List the published DenseCL models and which of them are on this machine.")
        {
            Cache, Json, ModelsPullCommand.Create(),
        };
        command.SetAction(Run);
        return command.WithExamples("densecl models", "densecl models pull densecl-r50-coco-800ep");
    }

    /// <summary>The cache that a command line names.</summary>
    public static ModelCache CacheOf(ParseResult parsed) => new(parsed.GetValue(Cache) is { Length: > 0 } named
        ? named
        : ModelCache.DefaultFolder(Environment.GetEnvironmentVariable));

    private static int Run(ParseResult parsed)
    {
        ModelCache cache = CacheOf(parsed);
        if (parsed.GetValue(Json))
            PrintJson(cache);
        else
            PrintTable(cache);

        return CommandLine.Done;
    }

    private static void PrintTable(ModelCache cache)
    {
        foreach (PublishedModel m in ModelCatalogue.Models)
        {
            var (state, bytes) = cache.StateOf(m);
            Console.WriteLine($"{m.Name,-27}  ResNet-{m.Depth,-3}  {m.Data,-14}  {m.Epochs,4} epochs  " +
                $"{Words(state, bytes)}");
        }

        Console.WriteLine($"Folder: {cache.Folder}");
        Console.WriteLine("A file that is put there by hand, under its published name, is verified at its first use.");
    }

    private static string Words(CacheState state, long bytes) => state switch
    {
        CacheState.Verified => $"here, {bytes / 1e6:F1} MB",
        CacheState.Unverified => $"here, {bytes / 1e6:F1} MB, not verified yet",
        CacheState.Partial => $"here are the first {bytes / 1e6:F1} MB",
        _ => "not here",
    };

    private static void PrintJson(ModelCache cache)
    {
        using var json = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("folder", cache.Folder);
        json.WriteStartArray("models");
        foreach (PublishedModel m in ModelCatalogue.Models)
        {
            var (state, bytes) = cache.StateOf(m);
            json.WriteStartObject();
            json.WriteString("name", m.Name);
            json.WriteString("file", m.File);
            json.WriteNumber("depth", m.Depth);
            json.WriteString("data", m.Data);
            json.WriteNumber("epochs", m.Epochs);
            json.WriteString("state", state.ToString().ToLowerInvariant());
            json.WriteNumber("bytes", bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
