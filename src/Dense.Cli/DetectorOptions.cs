using System.CommandLine;
using Dense.Detection.Settings;

namespace Dense.Cli;

/// <summary>The options that make a detector better than the reference and its results others (E-188).</summary>
internal sealed class DetectorOptions
{
    /// <summary>KF-1.</summary>
    public Option<bool> ClipBeforeNms { get; } = Flag(
        "--fcos-clip-before-nms", "Clip boxes to the image, and drop empty ones, before they compete.");

    /// <summary>KF-18.</summary>
    public Option<int?> MaxCandidates { get; } = new("--solov2-max-candidates")
    {
        Description = "Compute the masks of the N likeliest candidates only: less memory in crowded images.",
        HelpName = "N",
    };

    /// <summary>KF-21.</summary>
    public Option<bool> OwnGrids { get; } = Flag(
        "--solov2-own-grids", "Lay grids over each image and not over the padded batch, as in evaluation.");

    /// <summary>KF-14.</summary>
    public Option<bool> SmallestOwnsCell { get; } = Flag(
        "--solov2-smallest-owns-cell", "Give a cell that several objects claim to the smallest.");

    /// <summary>KF-22.</summary>
    public Option<bool> DropVanished { get; } = Flag(
        "--solov2-drop-vanished", "Do not train objects whose mask vanishes at a quarter of the size.");

    /// <summary>KF-15.</summary>
    public Option<bool> NormaliseOverRanks { get; } = Flag(
        "--solov2-normalise-over-ranks", "Let every positive weigh the same, whatever process it is on.");

    /// <summary>What was asked for SOLOv2; options that a command lacks are off.</summary>
    /// <exception cref="UsageException">It has no meaning.</exception>
    public SoloOptions SoloOf(ParseResult parsed)
    {
        int? limit = parsed.GetValue(MaxCandidates);
        return limit is null or > 0
            ? new SoloOptions
            {
                SmallestOwnsCell = parsed.GetValue(SmallestOwnsCell),
                OwnGrids = parsed.GetValue(OwnGrids),
                DropVanishedMasks = parsed.GetValue(DropVanished),
                NormaliseOverRanks = parsed.GetValue(NormaliseOverRanks),
                CandidateLimit = limit,
            }
            : throw new UsageException($"{MaxCandidates.Name} {limit}: expected 1 or more.");
    }

    /// <summary>An option of the other detector would change nothing without a word.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public void RequireFor(ParseResult parsed, DetectorKind kind)
    {
        bool isFcos = kind == DetectorKind.Fcos;
        Option[] others = isFcos
            ? [MaxCandidates, OwnGrids, SmallestOwnsCell, DropVanished, NormaliseOverRanks]
            : [ClipBeforeNms];
        if (others.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } wrong)
        {
            throw new UsageException($"{wrong.Name} is for {(isFcos ? "SOLOv2" : "FCOS")}, and the configuration "
                + $"describes {(isFcos ? "FCOS" : "SOLOv2")} (MODEL.META_ARCHITECTURE). Leave it out.");
        }
    }

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
