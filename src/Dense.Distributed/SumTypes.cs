using static TorchSharp.torch;

namespace Dense.Distributed;

/// <summary>In which element type ranks add, whichever way their tensors travel.</summary>
internal static class SumTypes
{
    /// <summary>Half precision travels and adds as float32, all others as they are.</summary>
    public static ScalarType Summed(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : type;
}
