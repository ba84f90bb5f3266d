using Spectre.Console;

namespace Dense.Cli.Quickstart;

/// <summary>Prints the results.</summary>
internal static class QuickstartTables
{
    /// <summary>The titles of the two halves of the table.</summary>
    public static string BlockTitle(bool isFrozen) => isFrozen ? "backbone frozen" : "everything is trained";

    /// <summary>Prints all tables to standard output.</summary>
    public static void Print(QuickstartResults results)
    {
        foreach (bool isFrozen in (bool[])[false, true])
            AnsiConsole.Write(ApTable(results, isFrozen));

        var probes = new Table()
            .Title("nothing is trained on top")
            .AddColumns("weights", "image k-NN top-1 %", "cell k-NN top-1 %");
        foreach (var (weights, probe) in results.Probes)
            probes.AddRow(weights.Title, $"{probe.Image:F1}", $"{probe.Cell:F1}");

        AnsiConsole.Write(probes);
        foreach (string line in Verdicts(results))
            Console.WriteLine(line);
    }

    /// <summary>A sentence for each column of each half.</summary>
    public static IEnumerable<string> Verdicts(QuickstartResults results) =>
        from isFrozen in (bool[])[false, true]
        from detector in QuickstartDetector.All
        select $"{detector.Figure}, {BlockTitle(isFrozen)}: {results.Verdict(detector, isFrozen)}";

    private static Table ApTable(QuickstartResults results, bool isFrozen)
    {
        var table = new Table().Title(BlockTitle(isFrozen)).AddColumn("weights");
        foreach (QuickstartDetector detector in QuickstartDetector.All)
            table.AddColumn(detector.Figure);

        foreach (StartingWeights weights in StartingWeights.All)
        {
            table.AddRow(
                [weights.Title, .. QuickstartDetector.All.Select(d => results.Of(weights, d, isFrozen).ToString())]);
        }

        return table;
    }
}
