using Dense.Detection.Masks;

namespace Dense.Detection.SoloV2;

/// <summary>A cell and class that may become a detection.</summary>
/// <param name="Order">Rank among all candidates, cell by cell and class by class (M-107); settles equal
/// scores.</param>
/// <param name="Category">Class.</param>
/// <param name="Score">Category probability × mean probability inside the mask (M-110).</param>
/// <param name="Mask">The mask at stride 4.</param>
internal sealed record SoloCandidate(int Order, int Category, float Score, BitMask Mask)
{
    /// <summary>Best first; equal scores in their former order (KF-26).</summary>
    public static Comparison<SoloCandidate> BestFirst { get; } = (a, b) =>
        a.Score == b.Score ? a.Order.CompareTo(b.Order) : b.Score.CompareTo(a.Score);
}
