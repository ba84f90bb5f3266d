using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pickle;

internal static class PickleFileReader
{
    public static object? Read(ByteSource source, CheckpointReadOptions options) => throw new NotSupportedException();
}
