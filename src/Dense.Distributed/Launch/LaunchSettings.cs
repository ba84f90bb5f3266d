namespace Dense.Distributed.Launch;

/// <summary>Which program to start how many times on this machine.</summary>
public sealed record LaunchSettings
{
    /// <summary>The program.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, the same for all ranks.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its arguments after a loss, asked for at every restart: they go on from what this job has saved, or
    /// begin anew where it has saved nothing.</summary>
    public required Func<IReadOnlyList<string>> RestartArguments { get; init; }

    /// <summary>Number of ranks, at least 1.</summary>
    public required int Processes { get; init; }

    /// <summary>How often to start again after a rank was lost.</summary>
    public int MaxRestarts { get; init; }
}
