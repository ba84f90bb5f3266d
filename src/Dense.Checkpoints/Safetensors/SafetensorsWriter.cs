namespace Dense.Checkpoints.Safetensors;

internal static class SafetensorsWriter
{
    public static void Write(
        Stream stream,
        IReadOnlyList<KeyValuePair<string, TensorRecord>> tensors,
        IReadOnlyDictionary<string, string>? metadata) => throw new NotSupportedException();
}
