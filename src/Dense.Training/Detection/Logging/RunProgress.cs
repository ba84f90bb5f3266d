namespace Dense.Training.Detection.Logging;

/// <summary>How far a run, or an evaluation within it, has come.</summary>
/// <param name="Activity">What is counted: <c>iter</c>, <c>image</c>, <c>batch</c>.</param>
/// <param name="Done">How many are done.</param>
/// <param name="Total">Of how many.</param>
/// <param name="Remaining">Expected time to the end; null while unknown.</param>
/// <param name="Figures">What is worth watching, in order of importance.</param>
public readonly record struct RunProgress(
    string Activity, long Done, long Total, TimeSpan? Remaining, IReadOnlyList<(string Name, string Value)> Figures);
