using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Bench;

/// <summary>Weight files of real size with random values.</summary>
internal static class CheckpointSamples
{
    private const int Neck = 2048;
    private const int Embedding = 128;
    private const int QueueLength = 65536;

    /// <summary>An extracted backbone; 94 MB for ResNet-50.</summary>
    public static void WriteBackbone(string path, int depth = 50)
    {
        var state = new CheckpointMap { IsOrderedDict = true };
        AddBackbone(state, "", depth, new Random(1));
        TorchFile.Write(path, new CheckpointMap { ["state_dict"] = state, ["author"] = "DenseCL" });
    }

    /// <summary>
    /// A DenseCL training checkpoint of ResNet-50: 974 entries and the momentum of 167 parameters (P-11, P-123), 457
    /// MB.
    /// </summary>
    public static void WriteTraining(string path)
    {
        var random = new Random(1);
        var state = new CheckpointMap { IsOrderedDict = true };
        foreach (string queue in (string[])["queue", "queue2"])
        {
            state.Add(queue, Values(ElementType.Float32, [Embedding, QueueLength], random));
            state.Add(queue + "_ptr", Values(ElementType.Int64, [1], random));
        }

        foreach (string encoder in (string[])["encoder_q", "encoder_k"])
        {
            AddBackbone(state, encoder + ".0.", 50, random);
            AddNeck(state, encoder + ".1.", random);
        }

        foreach (TensorLayout layout in ResNetLayout.Of(50))
            state.Add("backbone." + layout.Name, state.GetTensor("encoder_q.0." + layout.Name));

        var momenta = new CheckpointMap();
        foreach (var (_, tensor) in state.Tensors.Where(t => IsTrained(t.Key)))
        {
            TensorRecord momentum = Values(tensor.ElementType, tensor.Shape, random);
            momenta.Add(momenta.Count, new CheckpointMap { ["momentum_buffer"] = momentum });
        }

        TorchFile.Write(path, new CheckpointMap
        {
            ["meta"] = new CheckpointMap { ["epoch"] = 200L },
            ["state_dict"] = state,
            ["optimizer"] = new CheckpointMap { ["state"] = momenta },
        });
    }

    private static bool IsTrained(string name) => name.StartsWith("encoder_q.", StringComparison.Ordinal) &&
        (name.EndsWith(".weight", StringComparison.Ordinal) || name.EndsWith(".bias", StringComparison.Ordinal));

    private static void AddBackbone(CheckpointMap state, string prefix, int depth, Random random)
    {
        foreach (TensorLayout layout in ResNetLayout.Of(depth))
            state.Add(prefix + layout.Name, Values(layout.ElementType, layout.Shape, random));
    }

    private static void AddNeck(CheckpointMap state, string prefix, Random random)
    {
        state.Add(prefix + "mlp.0.weight", Values(ElementType.Float32, [Neck, Neck], random));
        state.Add(prefix + "mlp.0.bias", Values(ElementType.Float32, [Neck], random));
        state.Add(prefix + "mlp.2.weight", Values(ElementType.Float32, [Embedding, Neck], random));
        state.Add(prefix + "mlp.2.bias", Values(ElementType.Float32, [Embedding], random));
        state.Add(prefix + "mlp2.0.weight", Values(ElementType.Float32, [Neck, Neck, 1, 1], random));
        state.Add(prefix + "mlp2.0.bias", Values(ElementType.Float32, [Neck], random));
        state.Add(prefix + "mlp2.2.weight", Values(ElementType.Float32, [Embedding, Neck, 1, 1], random));
        state.Add(prefix + "mlp2.2.bias", Values(ElementType.Float32, [Embedding], random));
    }

    private static TensorRecord Values(ElementType type, IReadOnlyList<long> shape, Random random)
    {
        byte[] bytes = new byte[shape.Aggregate(1L, (a, b) => a * b) * type.SizeInBytes()];
        random.NextBytes(bytes);

        // Clears the top bit of each exponent, so that every value is finite.
        for (int at = 3; type == ElementType.Float32 && at < bytes.Length; at += 4)
            bytes[at] &= 0xbf;

        return new TensorRecord(type, shape, bytes);
    }
}
