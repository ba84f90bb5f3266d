using System.Net;

namespace Dense.Hub;

/// <summary>
/// Sends requests and follows redirections itself, because it must refuse those that leave an encrypted connection and
/// read what the first answer says about the file.
/// </summary>
internal sealed class RedirectingClient(HttpClient client, DownloadLimits limits)
{
    /// <summary>An answer with what the servers on the way said about the file behind it.</summary>
    /// <param name="Response">The last answer, its content not read yet.</param>
    /// <param name="Sha256">The SHA-256 that a Hugging Face server names for a large file, else null.</param>
    internal sealed record Answer(HttpResponseMessage Response, string? Sha256);

    /// <summary>A client that leaves redirections and time limits to this class.</summary>
    public static HttpClient CreateClient(DownloadLimits limits)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = limits.Response };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("densecl/0.1");
        return client;
    }

    /// <summary>Asks for a file.</summary>
    /// <exception cref="MirrorException">No answer, or a redirection that is refused.</exception>
    public async Task<Answer> GetAsync(Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellation)
    {
        string? sha256 = null;
        for (int redirects = 0; redirects <= limits.Redirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            prepare(request);
            HttpResponseMessage response = await SendAsync(request, cancellation);
            sha256 ??= LinkedSha256(response);
            if (!IsRedirection(response.StatusCode))
                return new Answer(response, sha256);

            using (response)
                address = Next(address, response.Headers.Location);
        }

        throw new MirrorException($"more than {limits.Redirects} redirections");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limits.Response);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new MirrorException($"no answer within {limits.Response.TotalSeconds:0} s", retry: true, inner: e);
        }
        catch (HttpRequestException e)
        {
            // A name that does not exist will not exist in a second either.
            bool retry = e.HttpRequestError
                is not (HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError);
            throw new MirrorException(e.InnerException?.Message ?? e.Message, retry, inner: e);
        }
    }

    internal static Uri Next(Uri address, Uri? location)
    {
        if (location is null)
            throw new MirrorException("a redirection to nowhere");

        Uri next = new(address, location);
        bool safe = next.Scheme == Uri.UriSchemeHttps
            || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
        if (!safe)
        {
            throw new MirrorException(
                $"a redirection from {address.Scheme} to {next.Scheme}://{next.Host} was refused");
        }

        return next;
    }

    private static string? LinkedSha256(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Linked-Etag", out var values)
        && values.First().Trim('"') is { Length: 64 } tag && tag.All(char.IsAsciiHexDigit)
            ? tag.ToLowerInvariant()
            : null;

    private static bool IsRedirection(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;
}
