using static TorchSharp.torch;

namespace Dense.Distributed.Liveness;

/// <summary>What a rank exchanges with the others; ranks number their operations alike.</summary>
public readonly struct RankOperation
{
    private readonly string _text;

    /// <summary>Describes an operation.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="verb">What is done, such as <c>sum of</c>.</param>
    /// <param name="tensor">With what; null for nothing.</param>
    public RankOperation(long number, string verb, Tensor? tensor)
    {
        Number = number;
        _text = tensor is null ? verb : $"{verb} {tensor.dtype} [{string.Join(", ", tensor.shape)}]";
    }

    /// <summary>The number, from 1.</summary>
    public long Number { get; }

    /// <summary>Such as <c>operation 57, sum of Float32 [1024]</c>.</summary>
    public override string ToString() => $"operation {Number}, {_text}";
}
