using System.Buffers.Binary;
using Dense.Checkpoints.Pth;

namespace Dense.Checkpoints.Pickle;

/// <summary>Builds what NumPy's pickles name.</summary>
internal sealed class NumpyConstructors(PickleContext context, Func<string, CheckpointFormatException> refuse)
{
    private const int MostDimensions = 64;

    public object Construct(PickleGlobal global, CheckpointTuple arguments) => global.Kind switch
    {
        PickleGlobalKind.NumpyReconstruct or PickleGlobalKind.NumpyArray => new NumpyArray(),
        PickleGlobalKind.NumpyDtype => Dtype(arguments),
        PickleGlobalKind.NumpyScalar => Scalar(arguments),
        _ => FromBuffer(arguments),
    };

    /// <summary>State of a dtype: (version, byte order, subtype, names, fields, size, alignment, flags).</summary>
    public static void BuildDtype(
        NumpyDtype dtype, CheckpointTuple state, Func<string, CheckpointFormatException> refuse)
    {
        string? order = state.Count > 1 ? PickleText.Short(state[1]) : null;
        if (order is not ("<" or ">" or "=" or "|"))
            throw refuse("a numpy.dtype has an unknown byte order.");

        if (state.Skip(2).Take(3).Any(part => part is not null))
            throw refuse("a structured numpy.dtype cannot hold weights.");

        dtype.IsBigEndian = order == ">";
    }

    /// <summary>State of an array: ([version,] shape, dtype, is Fortran order, bytes).</summary>
    public void BuildArray(NumpyArray array, CheckpointTuple state)
    {
        int at = state.Count - 4;
        if (at is not (0 or 1) || state[at + 1] is not NumpyDtype dtype || state[at + 2] is not (bool or long))
            throw refuse("a numpy array's state should be a shape, a type, an order and bytes.");

        bool fortran = state[at + 2] is true or not (false or 0L);
        ReadOnlyMemory<byte> bytes = Bytes(state[at + 3]) ?? throw refuse("a numpy array's content is no byte string.");
        array.Record = Record(dtype, Shape(state[at]), bytes, fortran);
    }

    private NumpyDtype Dtype(CheckpointTuple arguments)
    {
        string? code = arguments.Count > 0 ? PickleText.Short(arguments[0]) : null;
        if (code is null)
            throw refuse("numpy.dtype is called without a type code.");

        return NumpyDtype.Parse(code)
            ?? throw refuse($"numpy.dtype '{CheckpointValue.Shorten(code)}' is not an element type that weights have.");
    }

    private object Scalar(CheckpointTuple arguments)
    {
        if (arguments.Count != 2 || arguments[0] is not NumpyDtype dtype || Bytes(arguments[1]) is not { } bytes)
            throw refuse("a numpy scalar should be a type and bytes.");

        ReadOnlySpan<byte> value = Record(dtype, [], bytes, fortran: false).Bytes.Span;
        return dtype.ElementType switch
        {
            ElementType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(value),
            ElementType.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(value),
            ElementType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(value),
            ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(value),
            ElementType.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(value),
            ElementType.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(value),
            ElementType.Int8 => (long)(sbyte)value[0],
            ElementType.UInt8 => (long)value[0],
            _ => value[0] != 0,
        };
    }

    private NumpyArray FromBuffer(CheckpointTuple arguments)
    {
        if (arguments.Count != 4 || arguments[1] is not NumpyDtype dtype || Bytes(arguments[0]) is not { } bytes ||
            PickleText.Short(arguments[3]) is not ("C" or "F"))
        {
            throw refuse("a numpy buffer should be bytes, a type, a shape and an order.");
        }

        bool fortran = PickleText.Short(arguments[3]) == "F";
        return new NumpyArray { Record = Record(dtype, Shape(arguments[2]), bytes, fortran) };
    }

    private TensorRecord Record(NumpyDtype dtype, long[] shape, ReadOnlyMemory<byte> bytes, bool fortran)
    {
        Int128 length = dtype.Size;
        foreach (long size in shape)
            length = Int128.Min(length * size, long.MaxValue);

        if (length != bytes.Length)
        {
            throw refuse(
                $"a numpy array of shape [{string.Join(", ", shape)}] and type {dtype.Code} should have {length} " +
                $"bytes, but has {bytes.Length}.");
        }

        if (fortran && shape.Length > 1 && length > 0)
        {
            context.Budget.Take(bytes.Length, null, "a numpy array in column-major order");
            bytes = Strided.Gather(bytes.Span, dtype.Size, 0, shape, Strided.ColumnMajor(shape));
        }

        if (dtype.IsBigEndian && dtype.Size > 1)
        {
            context.Budget.Take(bytes.Length, null, "a big-endian numpy array");
            bytes = Strided.SwapBytes(bytes.Span, dtype.Size);
        }

        return new TensorRecord(dtype.ElementType, shape, Widen(dtype, bytes));
    }

    private ReadOnlyMemory<byte> Widen(NumpyDtype dtype, ReadOnlyMemory<byte> bytes)
    {
        if (dtype.Code is not ("u2" or "u4" or "u8"))
            return bytes;

        int size = dtype.Size;
        int wide = dtype.ElementType.SizeInBytes();
        int count = bytes.Length / size;
        context.Budget.Take((long)count * wide, null, "an unsigned numpy array");
        byte[] result = new byte[count * wide];
        for (int i = 0; i < count; i++)
            bytes.Span.Slice(i * size, size).CopyTo(result.AsSpan(i * wide, size));

        for (int i = 7; dtype.Code == "u8" && i < result.Length; i += 8)
        {
            if (result[i] > 127)
                throw refuse("an unsigned 64-bit numpy array holds a value above 2^63 - 1, which cannot be kept.");
        }

        return result;
    }

    private long[] Shape(object? value)
    {
        if (value is not IReadOnlyList<object?> { Count: <= MostDimensions } list)
            throw refuse("a numpy array's shape should be a tuple of numbers.");

        context.Budget.Take(32 + (8L * list.Count), null, "a numpy array's shape");
        return [.. list.Select(Size)];

        long Size(object? value) => value is long and >= 0
            ? (long)value
            : throw refuse($"a numpy array's shape holds {CheckpointValue.Describe(value)}.");
    }

    private ReadOnlyMemory<byte>? Bytes(object? value)
    {
        switch (value)
        {
            case PickleText { Kind: not PickleTextKind.Utf8 } text:
                return text.Bytes;
            case PickleText text:
                context.Budget.Take(text.Bytes.Length, null, "a numpy array written as text");
                return PickleText.Latin1FromUtf8(text.Bytes.Span);
            case string text when text.All(c => c < 256):
                context.Budget.Take(text.Length, null, "a numpy array written as text");
                return System.Text.Encoding.Latin1.GetBytes(text);
            default:
                return null;
        }
    }
}
