namespace Dense.Coco.Checks;

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Where">Where, with the offending values, in one line.</param>
public sealed record Finding(CheckKind Kind, string Where);
