using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

/// <summary>Backbones with every name and shape of a ResNet and values that differ from tensor to tensor.</summary>
internal static class Backbones
{
    public static IEnumerable<KeyValuePair<string, TensorRecord>> Of(
        int depth, int width = ResNetLayout.PublishedWidth) =>
        ResNetLayout.Of(depth, width: width)
            .Select((layout, i) => new KeyValuePair<string, TensorRecord>(layout.Name, Filled(layout, i)));

    /// <summary>A state dictionary with each name behind a prefix.</summary>
    public static CheckpointMap State(string prefix, int depth = 18)
    {
        var state = new CheckpointMap { IsOrderedDict = true };
        Add(state, prefix, depth);
        return state;
    }

    public static void Add(CheckpointMap state, string prefix, int depth = 18)
    {
        foreach (var (name, tensor) in Of(depth))
            state.Add(prefix + name, tensor);
    }

    public static WeightFile Recognize(CheckpointMap root) =>
        WeightFile.Recognize(CheckpointFile.Read(Samples.Zip(root), "model.pth"));

    private static TensorRecord Filled(TensorLayout layout, int index)
    {
        long count = layout.Shape.Aggregate(1L, (a, b) => a * b);
        byte[] bytes = new byte[count * layout.ElementType.SizeInBytes()];
        if (layout.ElementType == ElementType.Float32)
            BitConverter.TryWriteBytes(bytes, index + 0.5f);

        return new TensorRecord(layout.ElementType, layout.Shape, bytes);
    }
}
