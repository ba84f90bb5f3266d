using static TorchSharp.torch;

namespace Dense.Distributed.Nccl;

/// <summary>NCCL's numbers for element types and operations (<c>ncclDataType_t</c>, <c>ncclRedOp_t</c>).</summary>
internal static class NcclTypes
{
    /// <summary>ncclUint8: bytes, carried as they are.</summary>
    public const int UInt8 = 1;

    /// <summary>ncclSum.</summary>
    public const int Sum = 0;

    /// <summary>The number of an element type.</summary>
    /// <exception cref="NotSupportedException">NCCL cannot add this type.</exception>
    public static int Of(ScalarType type) => type switch
    {
        ScalarType.Byte => UInt8,
        ScalarType.Int32 => 2,
        ScalarType.Int64 => 4,
        ScalarType.Float16 => 6,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        ScalarType.BFloat16 => 9,
        _ => throw new NotSupportedException(
            $"Ranks cannot add tensors of {type}; expected a floating-point type, Int64, Int32 or Byte. Convert it "
            + "first."),
    };
}
