namespace Dense.Training.Logging;

/// <summary>What the logs say about a run before its first step.</summary>
/// <param name="Environment">Machine, runtime and library versions, as text.</param>
/// <param name="Seed">The seed of all random draws.</param>
/// <param name="Configuration">The file that describes the run, or its name.</param>
public sealed record RunDescription(string Environment, long Seed, string Configuration);
