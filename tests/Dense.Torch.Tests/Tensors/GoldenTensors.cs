using Dense.Checkpoints;

namespace Dense.Torch.Tests.Tensors;

/// <summary>The arrays of golden files as records.</summary>
internal static class GoldenTensors
{
    /// <summary>All tensors of a file by name.</summary>
    public static Dictionary<string, TensorRecord> Read(string path)
    {
        var arrays = new GoldenArrays(path);
        return arrays.Names.ToDictionary(name => name, name => Record(arrays[name]), StringComparer.Ordinal);
    }

    /// <summary>All values, widened to double.</summary>
    public static double[] Doubles(this TensorRecord record)
    {
        using var tensor = record.ToTensor();
        return tensor.Doubles();
    }

    private static TensorRecord Record(GoldenArray array) =>
        new(Enum.Parse<ElementType>(array.ElementType), array.Shape, array.Bytes);
}
