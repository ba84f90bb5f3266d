namespace Dense.Distributed.Launch;

/// <summary>How a job of several ranks ended.</summary>
/// <param name="ExitCode">Of the rank that ended first with another code than 0; 0 when all ended well.</param>
/// <param name="Loss">What is to be said of a rank that ended without a word; null when there is none.</param>
public sealed record LaunchResult(int ExitCode, string? Loss);
