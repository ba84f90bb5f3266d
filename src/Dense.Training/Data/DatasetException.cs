namespace Dense.Training.Data;

/// <summary>
/// Images, a list of them or an archive are not what training needs. The message says what failed, where, what was
/// expected and found, and what to do.
/// </summary>
public sealed class DatasetException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DatasetException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
