namespace Dense.Checkpoints.Pth;

/// <summary>Copies strided views into row-major order.</summary>
internal static class Strided
{
    /// <summary>
    /// Copies the elements of a view, which must lie inside <paramref name="source"/> and have at least one element.
    /// </summary>
    /// <param name="source">The storage.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="offset">First element.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="strides">In elements.</param>
    public static byte[] Gather(ReadOnlySpan<byte> source, int size, long offset, long[] shape, long[] strides)
    {
        long count = 1;
        foreach (long s in shape)
            count *= s;

        byte[] result = GC.AllocateUninitializedArray<byte>(checked((int)(count * size)));
        int rank = shape.Length;
        long inner = rank == 0 ? 1 : shape[^1];
        long stride = rank == 0 ? 0 : strides[^1] * size;
        var index = new long[rank];
        long start = offset * size;
        for (int at = 0; at < result.Length;)
        {
            long from = start;
            for (long i = 0; i < inner; i++, from += stride, at += size)
                source.Slice((int)from, size).CopyTo(result.AsSpan(at, size));

            for (int d = rank - 2; d >= 0; d--)
            {
                start += strides[d] * size;
                if (++index[d] < shape[d])
                    break;

                start -= shape[d] * strides[d] * size;
                index[d] = 0;
            }
        }

        return result;
    }

    /// <summary>Row-major strides of a shape, in elements, as PyTorch writes them.</summary>
    public static long[] RowMajor(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= Math.Max(shape[d], 1);
        }

        return strides;
    }

    /// <summary>Column-major strides of a shape, in elements (NumPy's Fortran order).</summary>
    public static long[] ColumnMajor(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int d = 0; d < shape.Count; d++)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    /// <summary>Reverses the bytes of every element: big-endian to little-endian.</summary>
    public static byte[] SwapBytes(ReadOnlySpan<byte> source, int size)
    {
        byte[] result = source.ToArray();
        for (int at = 0; at + size <= result.Length; at += size)
            result.AsSpan(at, size).Reverse();

        return result;
    }
}
