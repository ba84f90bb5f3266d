using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>Where and how a method computes. None of it changes what is computed, except by rounding.</summary>
public sealed record PlacementSettings
{
    /// <summary>CPU or one CUDA device.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Type of the parameters; float64 is for parity tests.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>Keeps images and convolution weights channels-last, which convolutions prefer.</summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>
    /// Multiplies matrices and convolves in bfloat16 (P-117). Parameters, embeddings, logits and losses stay float32.
    /// </summary>
    public bool BFloat16 { get; init; }
}
