using Dense.Detection;
using Dense.Training.Data.Loading;

namespace Dense.Training.Detection.Data;

/// <summary>Images that are used together; they lie on the host and need no disposal.</summary>
/// <param name="Iteration">Number of the batch in the whole training or evaluation, from 0.</param>
/// <param name="Images">The images; with <see cref="InputImage.GroundTruth"/> in training.</param>
/// <param name="Damaged">Damaged images met for the first time, which others replace (E-120).</param>
/// <param name="Waited">How long the consumer waited for it.</param>
public sealed record DetectionBatch(
    long Iteration, IReadOnlyList<InputImage> Images, IReadOnlyList<DamagedImage> Damaged, TimeSpan Waited);
