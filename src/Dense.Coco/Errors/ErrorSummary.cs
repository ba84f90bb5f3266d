namespace Dense.Coco.Errors;

/// <summary>The errors of one kind.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Count">How often.</param>
/// <param name="ApGain">
/// By how much AP50 would rise, as a fraction, if errors of this kind alone were put right (TIDE, section 2.3).
/// </param>
public sealed record ErrorSummary(ErrorKind Kind, int Count, double ApGain);
