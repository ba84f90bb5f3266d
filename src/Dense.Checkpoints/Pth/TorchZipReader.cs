using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pth;

internal static class TorchZipReader
{
    public static object? Read(ByteSource source, CheckpointReadOptions options) => throw new NotSupportedException();
}
