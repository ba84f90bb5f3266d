using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Pretraining.Contrast;

/// <summary>L2 normalisation (P-19), in float32 or better whatever the network computed in (P-117).</summary>
internal static class UnitVectors
{
    /// <summary>x / max(‖x‖, 1e-12) along dimension 1.</summary>
    public static Tensor Unit(this Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor precise = x.dtype == ScalarType.Float64 ? x : x.to(ScalarType.Float32);
        return nn.functional.normalize(precise, p: 2, dim: 1, eps: 1e-12).MoveToOuterDisposeScope();
    }
}
