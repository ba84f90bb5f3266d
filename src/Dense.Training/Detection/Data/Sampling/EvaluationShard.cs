namespace Dense.Training.Detection.Data.Sampling;

/// <summary>The images that a rank evaluates: a contiguous range, sizes differing by at most one (E-105).</summary>
internal static class EvaluationShard
{
    /// <summary>First index and number of images of a rank.</summary>
    public static (int First, int Count) Of(int images, int rank, int worldSize)
    {
        (int share, int larger) = Math.DivRem(images, worldSize);
        return (rank * share + Math.Min(rank, larger), share + (rank < larger ? 1 : 0));
    }
}
