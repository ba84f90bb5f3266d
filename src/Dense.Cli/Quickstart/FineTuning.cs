using System.Globalization;

namespace Dense.Cli.Quickstart;

/// <summary>One training of one detector from given weights.</summary>
/// <param name="Weights">What the backbone starts from.</param>
/// <param name="Detector">Which detector.</param>
/// <param name="IsFrozen">Whether the backbone keeps those weights.</param>
/// <param name="Seed">Seed of the other weights and of the order of the images.</param>
internal sealed record FineTuning(StartingWeights Weights, QuickstartDetector Detector, bool IsFrozen, int Seed)
{
    // FREEZE_AT counts the stem and the stages res2 to res5.
    private const string WholeBackbone = "5";

    /// <summary>For people: what is trained from what.</summary>
    public string Title => $"{Detector.Title} from {Weights.Title}{(IsFrozen ? ", frozen" : "")}";

    /// <summary>Its folder.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"{Detector.Name}_{Weights.Name}{(IsFrozen ? "_frozen" : "")}_{Seed}");

    /// <summary>The command that does it.</summary>
    public ProgramRun Command(QuickstartFolder folder, int iterations) => new(
        $"{Title}, seed {Seed}",
        folder[$"{Name}.txt"],
        [
            "train", "--config-file", folder[$"{Detector.Name}.yaml"], "--num-gpus", "0",
            "--register-datasets", folder.Datasets,
            .. Weights.IsRandom ? [] : (string[])["MODEL.WEIGHTS", folder[Weights.ConvertedFile]],
            .. IsFrozen ? (string[])["MODEL.BACKBONE.FREEZE_AT", WholeBackbone] : [],
            "SOLVER.MAX_ITER", $"{iterations}", "SEED", $"{Seed}", "OUTPUT_DIR", folder[Name],
        ]);

    /// <summary>All trainings of a quickstart: those that change the backbone, then those that do not.</summary>
    public static IReadOnlyList<FineTuning> All(QuickstartOptions options) =>
    [
        .. from isFrozen in (bool[])[false, true]
           from repeat in Enumerable.Range(0, options.Repeats)
           from detector in QuickstartDetector.All
           from weights in StartingWeights.All
           select new FineTuning(weights, detector, isFrozen, options.Seed + repeat),
    ];
}
