namespace Dense.Checkpoints.Safetensors;

/// <summary>What a safetensors file holds.</summary>
internal sealed record SafetensorsContent(CheckpointMap Tensors, IReadOnlyDictionary<string, string> Metadata);
