namespace Dense.Imaging;

/// <summary>
/// An encoded image cannot be turned into pixels. The only exception that <see cref="ImageDecoder"/> throws for the
/// content it is given, whatever the bytes. Whether the run stops or the sample is skipped is the caller's policy.
/// </summary>
public sealed class ImageDecodeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">The file, as the caller named it.</param>
    /// <param name="reason">What is wrong with it, without the name.</param>
    /// <param name="innerException">The cause, when there is one.</param>
    public ImageDecodeException(string name, string reason, Exception? innerException = null)
        : base($"{name}: {reason}", innerException)
    {
        FileName = name;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string FileName { get; }

    /// <summary>What is wrong with it, without the name.</summary>
    public string Reason { get; }
}
