using System.Diagnostics;

namespace Dense.Cli.Quickstart;

/// <summary>
/// Generates scenes, pre-trains two ways, converts the weights, fine-tunes two detectors from them and from random
/// ones, and compares. Every step is a command that a user runs on data of their own, and is printed as such.
/// </summary>
/// <param name="options">How large it is.</param>
/// <param name="stop">Ends the commands.</param>
internal sealed class QuickstartStory(QuickstartOptions options, CancellationToken stop)
{
    private readonly QuickstartFolder _folder = new(options.Folder);
    private readonly ProgramRuns _runs = new(stop);

    /// <summary>Tells it from beginning to end.</summary>
    public void Tell()
    {
        var watch = Stopwatch.StartNew();
        _folder.WriteSettings();
        Step("Generate scenes", _folder.Generators(options, FeatureProbe.Images));
        Pretrain();
        IReadOnlyDictionary<StartingWeights, ProbeResult> probes = Probe();

        IReadOnlyList<FineTuning> trainings = FineTuning.All(options);
        Step(
            "Fine-tune FCOS and SOLOv2 and evaluate them",
            [.. trainings.Select(t => t.Command(_folder, options.Iterations))]);
        var results = new QuickstartResults([.. trainings.Select(t => (t, ApOf(t)))], probes);

        Announce("Draw");
        Draw(results, trainings);
        new QuickstartReport(_folder, options).Write(results, watch.Elapsed);
        QuickstartTables.Print(results);
        Console.WriteLine($"{watch.Elapsed.TotalMinutes:F1} minutes in all.");
        Console.WriteLine($"Report: {_folder[QuickstartReport.FileName]}");
    }

    private void Pretrain()
    {
        var steps = new Pretraining(_folder, options);
        Step("Pre-train backbones", [.. StartingWeights.Pretrained.Reverse().Select(steps.Train)]);
        Step("Extract the backbones", [.. StartingWeights.Pretrained.Select(steps.Extract)]);
        Step("Convert them for detectron2", [.. StartingWeights.Pretrained.Select(steps.Convert)]);
    }

    private Dictionary<StartingWeights, ProbeResult> Probe()
    {
        Announce("Probe the features");
        var probe = new FeatureProbe(_folder, options);
        var results = new Dictionary<StartingWeights, ProbeResult>();
        foreach (StartingWeights weights in StartingWeights.All)
        {
            Console.Error.WriteLine($"   {probe.Command(weights)}");
            results[weights] = probe.Run(weights);
        }

        return results;
    }

    private double ApOf(FineTuning training) =>
        LossCurve.LastFigure(_folder[training.Name], training.Detector.Metric) ?? 0;

    private void Draw(QuickstartResults results, IReadOnlyList<FineTuning> trainings)
    {
        var pictures = new QuickstartPictures(_folder, options);
        pictures.DrawScenes();
        QuickstartCharts.SaveBars(results, _folder[QuickstartReport.Bars]);
        QuickstartCharts.SaveCurves(
            [.. StartingWeights.Pretrained.Select(w => LossCurve.OfPretraining(w.Title, _folder[w.Name]))],
            "Pre-training",
            _folder[QuickstartReport.PretrainingLosses]);
        foreach (QuickstartDetector detector in QuickstartDetector.All)
        {
            FineTuning[] shown =
                [.. trainings.Where(t => t.Detector == detector && !t.IsFrozen && t.Seed == options.Seed)];
            pictures.DrawDetections(detector, shown);
            QuickstartCharts.SaveCurves(
                [.. shown.Select(t => LossCurve.OfFineTuning(t.Weights.Title, _folder[t.Name]))],
                detector.Title,
                _folder[QuickstartReport.LossesName(detector)]);
        }

        foreach (StartingWeights weights in StartingWeights.Pretrained)
            pictures.DrawCorrespondence(weights);
    }

    private void Step(string title, IReadOnlyList<ProgramRun> runs)
    {
        Announce(title);
        _runs.All(runs);
    }

    private static void Announce(string step) => Console.Error.WriteLine($"\n== {step}");
}
