namespace Dense.Torch.Native;

/// <summary>A native library that densecl needs did not load. The message names the cause and the remedy.</summary>
public sealed class NativeLibraryException : Exception
{
    /// <summary>Creates the exception.</summary>
    public NativeLibraryException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
