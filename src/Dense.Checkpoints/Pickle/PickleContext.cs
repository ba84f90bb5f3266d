using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pickle;

/// <summary>What the pickles of one file share.</summary>
/// <param name="Budget">Memory that reading may still allocate.</param>
/// <param name="AllowOpaqueObjects">Whether classes outside the allow-list become placeholders.</param>
internal sealed record PickleContext(MemoryBudget Budget, bool AllowOpaqueObjects)
{
    /// <summary>How many files inside files surround this one; see <c>torch.storage._load_from_bytes</c>.</summary>
    public int Nesting { get; init; }

    /// <summary>
    /// Turns a persistent id into a storage; null where the file has none. The second argument is the byte offset, for
    /// messages.
    /// </summary>
    public Func<CheckpointTuple, long, object>? PersistentLoad { get; init; }
}
