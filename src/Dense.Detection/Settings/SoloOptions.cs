namespace Dense.Detection.Settings;

/// <summary>
/// Departures from the reference's SOLOv2 that a user may choose; each changes results, so the defaults are the
/// reference's. They are no configuration keys but options of the command line (E-188).
/// </summary>
public sealed record SoloOptions
{
    /// <summary>
    /// A cell that several objects claim goes to the one with the smallest mask, for its class and for its mask. The
    /// reference gives the class to the last object and trains the one kernel on the masks of all (KF-14).
    /// </summary>
    public bool SmallestOwnsCell { get; init; }

    /// <summary>
    /// Grids and coordinates are laid over each image, padded to multiples of 32 by itself, as in the evaluation of
    /// single images. The reference lays them over the whole batch, so that what a cell stands for depends on the other
    /// images (KF-21).
    /// </summary>
    public bool OwnGrids { get; init; }

    /// <summary>Objects whose mask vanishes at a quarter of the size are not trained (KF-22).</summary>
    public bool DropVanishedMasks { get; init; }

    /// <summary>
    /// Both losses are divided by means over ranks, so that every positive weighs the same wherever it lies; the
    /// reference divides by the rank's own counts (KF-15).
    /// </summary>
    public bool NormaliseOverRanks { get; init; }

    /// <summary>
    /// At most this many candidates, the best by category score, have their masks computed; null for all (KF-18).
    /// </summary>
    public int? CandidateLimit { get; init; }
}
