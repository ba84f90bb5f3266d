namespace Dense.Checkpoints.Files;

/// <summary>
/// What reading one file may still allocate beside a single copy of its bytes, so that a small file cannot ask for a
/// large amount of memory (reliability R5: at most twice the file and 64 MB).
/// </summary>
internal sealed class MemoryBudget(ByteSource source)
{
    private const long Slack = 48L << 20;

    private long _left = source.Length + Slack;

    /// <summary>Takes a share of the budget, before the memory is allocated.</summary>
    /// <exception cref="CheckpointFormatException">Nothing is left.</exception>
    public void Take(long bytes, long? offset, string what)
    {
        if (bytes < 0 || bytes > _left)
        {
            throw source.Refuse(offset, $"{what} would take more memory than a file of {source.Length} bytes may ask " +
                "for. The file is damaged or made to exhaust memory.");
        }

        _left -= bytes;
    }
}
