namespace Dense.Training.Detection.Data.Mapping;

/// <summary>Nearest-neighbour resampling of one axis as Pillow does it (E-111).</summary>
internal static class NearestAxis
{
    /// <summary>The source index of each of <paramref name="outSize"/> results.</summary>
    public static int[] Indices(int inSize, int outSize)
    {
        int[] indices = new int[outSize];
        double step = inSize / (double)outSize;
        double at = step * 0.5;

        // Added up, not multiplied: some sizes differ in the last place, and then in the index.
        for (int i = 0; i < outSize; i++, at += step)
            indices[i] = Math.Min((int)at, inSize - 1);

        return indices;
    }
}
