namespace Dense.Training.Settings;

/// <summary>A set of images.</summary>
public sealed record DataSourceSettings
{
    /// <summary>How it is stored.</summary>
    public DataSourceKind Kind { get; init; } = DataSourceKind.Folder;

    /// <summary>The folder, or the archive file; null when there is no such set.</summary>
    public string? Root { get; init; }

    /// <summary>The list file of <see cref="DataSourceKind.List"/>; else null.</summary>
    public string? List { get; init; }
}
