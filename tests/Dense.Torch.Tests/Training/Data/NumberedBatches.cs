using Dense.Training.Data.Loading;

namespace Dense.Torch.Tests.Training.Data;

/// <summary>Reads batches of <see cref="NumberFormat"/>, whose images are their epoch and their number.</summary>
internal static class NumberedBatches
{
    /// <summary>What a loader gives until its end: places and numbers.</summary>
    public static List<(LoaderPosition Position, float[] Images)> ReadAll(this BatchLoader loader)
    {
        var batches = new List<(LoaderPosition, float[])>();
        while (loader.Next() is { } batch)
        {
            Assert.All(Values(batch).Where((_, i) => i % 2 == 0), epoch => Assert.Equal(batch.Position.Epoch, epoch));
            batches.Add((batch.Position, batch.Numbers()));
            batch.Dispose();
        }

        return batches;
    }

    /// <summary>The numbers of a batch's images.</summary>
    public static float[] Numbers(this Batch batch) => [.. Values(batch).Where((_, i) => i % 2 == 1)];

    private static float[] Values(Batch batch) => batch.Images.data<float>().ToArray();
}
