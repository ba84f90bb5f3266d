namespace Dense.Coco;

/// <summary>
/// A COCO file, mask or polygon that cannot be used as it is. The only exception that readers and mask functions throw
/// for what a file contains.
/// </summary>
public sealed class CocoFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, where, expected against found, what to do next.</param>
    /// <param name="inner">The cause; null when there is none.</param>
    public CocoFormatException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
