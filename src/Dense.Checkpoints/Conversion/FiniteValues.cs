using System.Numerics;
using System.Runtime.InteropServices;

namespace Dense.Checkpoints.Conversion;

/// <summary>Looks for NaN and infinities: a number is one of them when all bits of its exponent are set.</summary>
internal static class FiniteValues
{
    public static bool AreFinite(TensorRecord tensor) => tensor.ElementType switch
    {
        ElementType.Float32 => NoneHas(MemoryMarshal.Cast<byte, uint>(tensor.Bytes.Span), 0x7f80_0000u),
        ElementType.Float64 => NoneHas(MemoryMarshal.Cast<byte, ulong>(tensor.Bytes.Span), 0x7ff0_0000_0000_0000ul),
        ElementType.Float16 => NoneHas(MemoryMarshal.Cast<byte, ushort>(tensor.Bytes.Span), (ushort)0x7c00),
        ElementType.BFloat16 => NoneHas(MemoryMarshal.Cast<byte, ushort>(tensor.Bytes.Span), (ushort)0x7f80),
        _ => true,
    };

    private static bool NoneHas<T>(ReadOnlySpan<T> values, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var mask = new Vector<T>(exponent);
        int at = 0;
        for (; at <= values.Length - Vector<T>.Count; at += Vector<T>.Count)
        {
            if (Vector.EqualsAny(new Vector<T>(values[at..]) & mask, mask))
                return false;
        }

        for (; at < values.Length; at++)
        {
            if ((values[at] & exponent) == exponent)
                return false;
        }

        return true;
    }
}
