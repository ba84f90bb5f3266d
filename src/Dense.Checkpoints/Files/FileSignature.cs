namespace Dense.Checkpoints.Files;

internal static class FileSignature
{
    public static CheckpointFormat Recognize(ByteSource source) => throw new NotSupportedException();
}
