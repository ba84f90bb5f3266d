using static TorchSharp.torch;

namespace Dense.Pretraining;

/// <summary>What one rank trains on in one step. The loop moves it to the device and disposes it.</summary>
/// <param name="Images">
/// RGB, normalised. Two views of each image, N×2×3×H×W (view 0 is the query, view 1 the key), or N×3×H×W for the
/// supervised baseline.
/// </param>
/// <param name="Labels">N class numbers, int64; only for the supervised baseline.</param>
public readonly record struct PretrainingBatch(Tensor Images, Tensor? Labels = null);
