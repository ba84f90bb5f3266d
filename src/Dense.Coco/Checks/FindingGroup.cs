namespace Dense.Coco.Checks;

/// <summary>Everything of one kind that is wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Count">How often.</param>
/// <param name="First">Where, the first ten.</param>
public sealed record FindingGroup(CheckKind Kind, int Count, IReadOnlyList<string> First);
