namespace Dense.Cli.Quickstart;

/// <summary>Everything that a quickstart measured.</summary>
/// <param name="AveragePrecision">AP in percent of each fine-tuning; 0 where nothing was detected.</param>
/// <param name="Probes">k-NN accuracy of each starting point.</param>
internal sealed record QuickstartResults(
    IReadOnlyList<(FineTuning Training, double Ap)> AveragePrecision,
    IReadOnlyDictionary<StartingWeights, ProbeResult> Probes)
{
    /// <summary>The figures of a cell of the table, one for each seed.</summary>
    public Spread Of(StartingWeights weights, QuickstartDetector detector, bool isFrozen) => new(
    [
        .. AveragePrecision
            .Where(r => r.Training.Weights == weights
                && r.Training.Detector == detector
                && r.Training.IsFrozen == isFrozen)
            .Select(r => r.Ap),
    ]);

    /// <summary>
    /// Says of a column who is best, and whether the ranges over the seeds keep clear of each other.
    /// </summary>
    public string Verdict(QuickstartDetector detector, bool isFrozen)
    {
        var ranked = StartingWeights.All.Select(w => (w.Title, Ap: Of(w, detector, isFrozen)))
            .OrderByDescending(r => r.Ap.Mean).ToList();
        string order = string.Join(", ", ranked.Select(r => $"{r.Title} {r.Ap}"));
        if (ranked[0].Ap.Values.Count == 1)
            return $"{order}. One seed: nothing is known about the scatter.";

        bool isClear = ranked[0].Ap.Values.Min() > ranked[1].Ap.Values.Max();
        return isClear
            ? $"{order}. {ranked[0].Title} is best with every seed."
            : $"{order}. The ranges of {ranked[0].Title} and {ranked[1].Title} overlap: no winner.";
    }
}
