namespace Dense.Configuration.Reading;

/// <summary>A key that a reader knows.</summary>
/// <param name="Path">The full key, such as <c>SOLVER.BASE_LR</c>.</param>
/// <param name="Type">What it accepts: <c>int</c>, <c>float or null</c>, <c>list of int</c>, <c>BN |
/// SyncBN</c>.</param>
/// <param name="Default">Its value when nobody sets it.</param>
public sealed record ConfigurationKey(string Path, string Type, object? Default);
