namespace Dense.Checkpoints.Pickle;

internal static class NumpyPickleWriter
{
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, TensorRecord>> model, string author) =>
        throw new NotSupportedException();
}
