namespace Dense.Checkpoints.Pth;

internal static class TorchZipWriter
{
    public static void Write(Stream stream, CheckpointMap root, string topFolder) => throw new NotSupportedException();
}
