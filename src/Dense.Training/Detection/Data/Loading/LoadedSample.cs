using System.Runtime.ExceptionServices;
using Dense.Detection;
using Dense.Training.Data.Loading;

namespace Dense.Training.Detection.Data.Loading;

/// <summary>What became of a request.</summary>
/// <param name="Image">The image; null when it failed.</param>
/// <param name="Failure">Why it failed; the consumer throws it.</param>
/// <param name="Damaged">Damaged images that were passed over.</param>
internal sealed record LoadedSample(
    InputImage? Image, ExceptionDispatchInfo? Failure, IReadOnlyList<DamagedImage> Damaged);
