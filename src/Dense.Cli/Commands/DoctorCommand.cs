using System.CommandLine;
using System.Text.Json;
using Dense.Cli.Doctor;
using Dense.Torch.Native;

namespace Dense.Cli.Commands;

/// <summary><c>densecl doctor</c>: checks the machine and says how to mend what is wrong.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    private static readonly Option<string?> Part = new("--part") { Hidden = true };

    public static Command Create()
    {
        var command = new Command("doctor", "Check this machine: native libraries and devices, each with its remedy.")
        {
            Json, Part,
        };
        command.SetAction(Run);
        return command.WithExamples("densecl doctor", "densecl doctor --json");
    }

    private static int Run(ParseResult parsed)
    {
        // The checks load each library themselves, one after the other.
        AppContext.SetSwitch(NativeStartup.OnRequestSwitch, true);
        if (parsed.GetValue(Part) is { } part)
            return RunPart(part);

        List<Finding> findings =
            [.. MachineChecks.Run(), .. DoctorPart.Run("torch"), .. DoctorPart.Run("libraries"), .. FolderChecks.Run()];
        if (parsed.GetValue(Json))
            PrintJson(findings);
        else
            Print(findings);

        return findings.Any(f => f.Status == FindingStatus.Fail) ? CommandLine.Failed : CommandLine.Done;
    }

    private static int RunPart(string part)
    {
        switch (part)
        {
            case "torch":
                TorchChecks.Run();
                return CommandLine.Done;
            case "libraries":
                LibraryChecks.Run();
                return CommandLine.Done;
            default:
                throw new UsageException($"There is no part '{part}' of the doctor.");
        }
    }

    private static void Print(List<Finding> findings)
    {
        int width = findings.Max(f => f.Subject.Length);
        foreach (Finding f in findings)
        {
            Console.WriteLine($"{f.Status.ToString().ToLowerInvariant(),-4}  {f.Subject.PadRight(width)}  {f.Text}");
            if (f.Remedy is not null)
                Console.WriteLine($"      {new string(' ', width)}  → {f.Remedy}");
        }

        int failed = findings.Count(f => f.Status == FindingStatus.Fail);
        Console.WriteLine(failed == 0
            ? "Everything that densecl needs works."
            : $"{failed} of {findings.Count} checks failed.");
    }

    private static void PrintJson(List<Finding> findings)
    {
        using var json = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteBoolean("ok", findings.All(f => f.Status != FindingStatus.Fail));
        json.WriteStartArray("findings");
        foreach (Finding f in findings)
        {
            json.WriteStartObject();
            json.WriteString("status", f.Status.ToString().ToLowerInvariant());
            json.WriteString("subject", f.Subject);
            json.WriteString("text", f.Text);
            json.WriteString("remedy", f.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
