namespace Dense.Hub;

/// <summary>A mirror did not deliver the file.</summary>
/// <param name="reason">Why, in plain words.</param>
/// <param name="retry">Whether the same mirror may deliver it when asked again.</param>
/// <param name="retryAfter">How long the server asks to wait.</param>
/// <param name="inner">The cause.</param>
internal sealed class MirrorException(
    string reason, bool retry = false, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(reason, inner)
{
    public bool Retry => retry;

    public TimeSpan? RetryAfter => retryAfter;
}
