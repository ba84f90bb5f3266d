using Dense.Checkpoints;
using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>Carries tensors across the border between files and libtorch. Each direction copies the data
/// once.</summary>
public static class TensorRecords
{
    /// <summary>Copies a tensor out of libtorch.</summary>
    /// <param name="tensor">Any device, any strides; gradients are left behind.</param>
    /// <exception cref="NotSupportedException">The element type has no counterpart in a weight file.</exception>
    public static TensorRecord ToRecord(this Tensor tensor)
    {
        ElementType type = ToElementType(tensor.dtype);

        // The locals outlive the span: the memory behind it belongs to them, not to the garbage collector.
        using Tensor detached = tensor.detach();
        using Tensor onHost = detached.cpu();
        using Tensor packed = onHost.contiguous();
        byte[] bytes = packed.numel() == 0 ? [] : packed.bytes.ToArray();
        return new TensorRecord(type, (long[])tensor.shape.Clone(), bytes);
    }

    /// <summary>Copies a record into a new tensor on the CPU.</summary>
    /// <returns>A contiguous tensor that the caller owns.</returns>
    public static Tensor ToTensor(this TensorRecord record)
    {
        Tensor tensor = empty([.. record.Shape], ToScalarType(record.ElementType));
        if (!record.Bytes.IsEmpty)
            record.Bytes.Span.CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>
    /// Overwrites a tensor, in place, with a record of the same shape; element type, device and strides stay the
    /// tensor's own.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void CopyTo(this TensorRecord record, Tensor target)
    {
        if (!record.Shape.SequenceEqual(target.shape))
        {
            throw new ArgumentException(
                $"A record of shape [{string.Join(", ", record.Shape)}] cannot be copied into a tensor of shape "
                + $"[{string.Join(", ", target.shape)}].", nameof(record));
        }

        using IDisposable noGradient = no_grad();
        using Tensor source = record.ToTensor();
        using Tensor target0 = target.detach(); // An alias: the copy must not be recorded.
        target0.copy_(source);
    }

    /// <summary>The libtorch name of an element type.</summary>
    public static ScalarType ToScalarType(ElementType type) => type switch
    {
        ElementType.Float64 => ScalarType.Float64,
        ElementType.Float32 => ScalarType.Float32,
        ElementType.Float16 => ScalarType.Float16,
        ElementType.BFloat16 => ScalarType.BFloat16,
        ElementType.Int64 => ScalarType.Int64,
        ElementType.Int32 => ScalarType.Int32,
        ElementType.Int16 => ScalarType.Int16,
        ElementType.Int8 => ScalarType.Int8,
        ElementType.UInt8 => ScalarType.Byte,
        ElementType.Bool => ScalarType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>The weight-file name of a libtorch element type.</summary>
    /// <exception cref="NotSupportedException">Weight files do not hold this type (complex numbers, for
    /// example).</exception>
    public static ElementType ToElementType(ScalarType type) => type switch
    {
        ScalarType.Float64 => ElementType.Float64,
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float16 => ElementType.Float16,
        ScalarType.BFloat16 => ElementType.BFloat16,
        ScalarType.Int64 => ElementType.Int64,
        ScalarType.Int32 => ElementType.Int32,
        ScalarType.Int16 => ElementType.Int16,
        ScalarType.Int8 => ElementType.Int8,
        ScalarType.Byte => ElementType.UInt8,
        ScalarType.Bool => ElementType.Bool,
        _ => throw new NotSupportedException($"Weight files cannot hold tensors of type {type}."),
    };
}
