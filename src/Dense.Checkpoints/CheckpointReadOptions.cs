namespace Dense.Checkpoints;

/// <summary>How to read a weight file.</summary>
public sealed record CheckpointReadOptions
{
    /// <summary>
    /// Reads objects of classes that are not on the allow-list as inert <see cref="OpaqueValue"/>s instead of refusing
    /// the file (E-51). Nothing is ever run, with or without it. Off by default.
    /// </summary>
    public bool AllowOpaqueObjects { get; init; }

    /// <summary>
    /// Maps the file into memory instead of copying it: several times faster for large files that are used once. The
    /// tensors are then valid until <see cref="CheckpointFile.Dispose"/>, and the file must not be changed in place
    /// meanwhile; replacing it by another, as the writers here do, is fine. Off by default.
    /// </summary>
    public bool MapFile { get; init; }
}
