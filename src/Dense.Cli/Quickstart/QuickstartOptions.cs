namespace Dense.Cli.Quickstart;

/// <summary>How large the quickstart is.</summary>
internal sealed record QuickstartOptions
{
    /// <summary>Folder for everything that is made.</summary>
    public required string Folder { get; init; }

    /// <summary>Seed of the scenes, the pre-trainings and the first fine-tuning.</summary>
    public int Seed { get; init; }

    /// <summary>How often each fine-tuning is repeated with a seed of its own.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Epochs of each pre-training.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Iterations of each fine-tuning.</summary>
    public int Iterations { get; init; } = 500;

    /// <summary>Scenes to pre-train on.</summary>
    public int Unlabelled { get; init; } = 2048;

    /// <summary>Scenes to fine-tune on.</summary>
    public int Labelled { get; init; } = 64;

    /// <summary>Scenes to evaluate on.</summary>
    public int Validation { get; init; } = 100;
}
