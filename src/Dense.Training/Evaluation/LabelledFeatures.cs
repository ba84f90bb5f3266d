using static TorchSharp.torch;

namespace Dense.Training.Evaluation;

/// <summary>What a frozen network says about a labelled data set.</summary>
/// <param name="Features">N×C or N×…, float32, in the order of the source.</param>
/// <param name="Labels">N class numbers, int64.</param>
/// <param name="Classes">Number of classes.</param>
public sealed record LabelledFeatures(Tensor Features, Tensor Labels, int Classes) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Features.Dispose();
        Labels.Dispose();
    }
}
