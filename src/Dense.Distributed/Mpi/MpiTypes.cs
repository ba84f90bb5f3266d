using static TorchSharp.torch;

namespace Dense.Distributed.Mpi;

/// <summary>Which MPI type adds up the elements of a tensor.</summary>
internal static class MpiTypes
{
    private static readonly nint Float32 = OpenMpiLibrary.Export("ompi_mpi_float");
    private static readonly nint Float64 = OpenMpiLibrary.Export("ompi_mpi_double");
    private static readonly nint Int64 = OpenMpiLibrary.Export("ompi_mpi_int64_t");
    private static readonly nint Int32 = OpenMpiLibrary.Export("ompi_mpi_int32_t");
    private static readonly nint UInt8 = OpenMpiLibrary.Export("ompi_mpi_uint8_t");

    /// <summary>The handle of an element type.</summary>
    /// <exception cref="NotSupportedException">MPI cannot add this type.</exception>
    public static nint Of(ScalarType type) => type switch
    {
        ScalarType.Float32 => Float32,
        ScalarType.Float64 => Float64,
        ScalarType.Int64 => Int64,
        ScalarType.Int32 => Int32,
        ScalarType.Byte => UInt8,
        _ => throw new NotSupportedException(
            $"Ranks cannot add tensors of {type}; expected a floating-point type, Int64, Int32 or Byte. "
            + "Convert it first."),
    };
}
