namespace Dense.Checkpoints;

/// <summary>How to read a weight file.</summary>
public sealed record CheckpointReadOptions
{
    /// <summary>
    /// Reads objects of classes that are not on the allow-list as inert <see cref="OpaqueValue"/>s instead of refusing
    /// the file (E-51). Nothing is ever run, with or without it. Off by default.
    /// </summary>
    public bool AllowOpaqueObjects { get; init; }
}
