namespace Dense.Distributed;

/// <summary>A sum over ranks that is under way.</summary>
public interface IPendingSum
{
    /// <summary>
    /// Returns when what is computed next sees the sum; for a CUDA tensor the device may still be at it.
    /// </summary>
    /// <exception cref="RankLostException">A rank is lost.</exception>
    void Wait();
}
