using Dense.Checkpoints;

namespace Dense.EndToEnd.Tests;

/// <summary>The weights in checkpoints of the program.</summary>
internal static class Weights
{
    /// <summary>Fails unless two checkpoints hold the same weights bit by bit.</summary>
    /// <param name="expected">Its path.</param>
    /// <param name="actual">Its path.</param>
    /// <param name="key">Where a checkpoint has them: <c>state_dict</c> or <c>model</c>.</param>
    public static void AssertSame(string expected, string actual, string key)
    {
        CheckpointMap a = CheckpointFile.Read(expected).Map.GetMap(key);
        CheckpointMap b = CheckpointFile.Read(actual).Map.GetMap(key);
        Assert.Equal(a.Keys, b.Keys);
        foreach (var (name, tensor) in a.Tensors)
            Assert.True(tensor.Bytes.Span.SequenceEqual(b.GetTensor(name).Bytes.Span), name);
    }
}
