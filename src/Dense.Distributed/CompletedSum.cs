namespace Dense.Distributed;

/// <summary>A sum that was complete when it was asked for.</summary>
public sealed class CompletedSum : IPendingSum
{
    private CompletedSum()
    {
    }

    /// <summary>The one instance.</summary>
    public static CompletedSum Instance { get; } = new();

    /// <inheritdoc/>
    public void Wait()
    {
    }
}
