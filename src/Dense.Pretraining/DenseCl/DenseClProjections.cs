using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>What the neck makes of a batch of N feature maps; not normalised.</summary>
/// <param name="Global">One vector per image, N×C.</param>
/// <param name="Grid">One vector per grid cell, N×C×S², cells row by row.</param>
/// <param name="Pooled">The mean of an image's cells, N×C.</param>
public readonly record struct DenseClProjections(Tensor Global, Tensor Grid, Tensor Pooled);
