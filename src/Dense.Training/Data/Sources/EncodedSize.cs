namespace Dense.Training.Data.Sources;

/// <summary>The most bytes that an image file may have: a damaged index must not make us reserve gigabytes.</summary>
internal static class EncodedSize
{
    /// <summary>256 MiB, ten times the largest photographs.</summary>
    public const long Limit = 256L << 20;

    /// <summary>Refuses a file that is too large to be an image.</summary>
    /// <exception cref="DatasetException">It is.</exception>
    public static void Check(long length, string name)
    {
        if (length is < 0 or > Limit)
        {
            throw new DatasetException(
                $"{name}: {length} bytes, expected an image of at most {Limit}. Remove it from the data " +
                "set, or store it in smaller size.");
        }
    }
}
