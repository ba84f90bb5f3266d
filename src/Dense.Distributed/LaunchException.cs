namespace Dense.Distributed;

/// <summary>Processes were started, or are to be, in a way that cannot work. The message says what to change.</summary>
public sealed class LaunchException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LaunchException(string message)
        : base(message)
    {
    }
}
