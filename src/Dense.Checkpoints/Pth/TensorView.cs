using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pth;

/// <summary>A tensor as PyTorch pickles it: a view of a storage whose bytes may not have been read yet.</summary>
internal sealed class TensorView
{
    private readonly StorageSlice _slice;
    private readonly ElementType _type;
    private readonly long _offset;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly long _count;
    private TensorRecord? _record;

    private TensorView(StorageSlice slice, ElementType type, long offset, long[] shape, long[] strides, long count)
    {
        (_slice, _type, _offset, _shape, _strides, _count) = (slice, type, offset, shape, strides, count);
    }

    /// <summary>Checks that a view lies inside its storage (E-52).</summary>
    /// <param name="slice">The storage.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="offset">First element.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="strides">Elements from one index to the next, for each dimension.</param>
    /// <param name="problem">What is wrong, in words; empty when nothing is.</param>
    /// <returns>The view, or null when it is refused.</returns>
    public static TensorView? Create(
        StorageSlice slice, ElementType type, long offset, long[] shape, long[] strides, out string problem)
    {
        problem = "";
        string words = $"a tensor view (offset {offset}, shape [{string.Join(", ", shape)}], " +
            $"strides [{string.Join(", ", strides)}])";
        if (shape.Length != strides.Length || offset < 0 || shape.Any(s => s < 0) || strides.Any(s => s < 0))
        {
            problem = $"{words} has negative numbers or a stride list of another length.";
            return null;
        }

        long available = slice.Length / type.SizeInBytes();
        Int128 count = 1;
        Int128 last = offset;
        for (int d = 0; d < shape.Length; d++)
        {
            // No overflow: both stay below 2^63 after each step, or the view is refused or empty.
            count = shape[d] == 0 ? 0 : count * shape[d];
            last += (Int128)(shape[d] - 1) * strides[d];
            if (count > long.MaxValue || last > long.MaxValue)
                count = last = long.MaxValue;
        }

        if (shape.Contains(0))
            count = 0;
        else if (last >= available)
            problem = $"{words} reaches element {last} of a storage of {available}.";

        return problem.Length > 0 ? null : new TensorView(slice, type, offset, shape, strides, (long)count);
    }

    /// <summary>The tensor as a contiguous record; the same record each time.</summary>
    public TensorRecord Resolve(MemoryBudget budget)
    {
        if (_record is not null)
            return _record;

        int size = _type.SizeInBytes();
        ReadOnlyMemory<byte> bytes = default;
        if (_count > 0 && IsContiguous())
        {
            bytes = _slice.Storage.Bytes.Slice(
                checked((int)(_slice.Offset + (_offset * size))), checked((int)(_count * size)));
        }
        else if (_count > 0)
        {
            Int128 length = (Int128)_count * size;
            budget.Take((long)Int128.Min(length, long.MaxValue), null, "copying a tensor view into row-major order");
            ReadOnlySpan<byte> source = _slice.Storage.Bytes.Span.Slice((int)_slice.Offset, (int)_slice.Length);
            bytes = Strided.Gather(source, size, _offset, _shape, _strides);
        }

        return _record = new TensorRecord(_type, _shape, bytes);
    }

    private bool IsContiguous()
    {
        long expected = 1;
        for (int d = _shape.Length - 1; d >= 0; d--)
        {
            if (_shape[d] != 1 && _strides[d] != expected)
                return false;

            expected *= _shape[d];
        }

        return true;
    }
}
