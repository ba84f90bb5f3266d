using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Safetensors;

internal static class SafetensorsReader
{
    public static SafetensorsContent Read(ByteSource source) => throw new NotSupportedException();
}
