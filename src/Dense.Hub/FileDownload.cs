using System.Net;
using System.Net.Http.Headers;

namespace Dense.Hub;

/// <summary>Fetches a file from one address into its <see cref="PartialFile"/>: resumes, waits, tries again.</summary>
internal sealed class FileDownload(
    RedirectingClient client,
    DownloadLimits limits,
    Func<string, long> freeBytes,
    TimeProvider time,
    IProgress<DownloadProgress>? progress)
{
    // However much each attempt brings, a server that breaks off this often is given up.
    private const int MostAttempts = 100;
    private const long SpareBytes = 16 << 20;
    private const int BufferSize = 1 << 17;

    /// <summary>Fetches the file.</summary>
    /// <returns>The SHA-256 that the server named, if it did.</returns>
    /// <exception cref="MirrorException">The address does not deliver the file.</exception>
    /// <exception cref="IOException">It cannot be stored.</exception>
    public async Task<string?> FetchAsync(Uri address, PartialFile part, CancellationToken cancellation)
    {
        int failures = 0;
        for (int attempt = 1; ; attempt++)
        {
            long before = part.Length;
            try
            {
                return await AttemptAsync(address, part, cancellation);
            }
            catch (MirrorException e) when (e.Retry)
            {
                failures = part.Length > before ? 1 : failures + 1;
                if (failures >= limits.Attempts || attempt >= MostAttempts)
                    throw new MirrorException($"{e.Message}; given up after {attempt} attempts", inner: e);

                TimeSpan delay = Delay(failures, e.RetryAfter);
                progress?.Report(DownloadProgress.Of($"{e.Message}; trying again in {delay.TotalSeconds:0} s"));
                await Task.Delay(delay, time, cancellation);
            }
        }
    }

    private TimeSpan Delay(int failures, TimeSpan? asked)
    {
        TimeSpan own = limits.FirstDelay * Math.Pow(2, Math.Min(failures - 1, 16));
        TimeSpan wanted = asked is { } a && a > own ? a : own;
        return wanted < limits.LongestDelay ? wanted : limits.LongestDelay;
    }

    private async Task<string?> AttemptAsync(Uri address, PartialFile part, CancellationToken cancellation)
    {
        PartialFile.Origin? known = part.OriginAt(address);
        long offset = known?.Tag is null ? 0 : part.Length;
        var answer = await client.GetAsync(address, request =>
        {
            if (offset > 0)
            {
                request.Headers.Range = new RangeHeaderValue(offset, null);
                request.Headers.IfRange = new RangeConditionHeaderValue(known!.Tag!);
            }
        }, cancellation);

        using HttpResponseMessage response = answer.Response;
        bool goOn = Continues(response, offset, known);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && known?.Total == offset)
            return answer.Sha256; // Everything is here already; only the check was missing.

        if (response.StatusCode is not HttpStatusCode.OK && !goOn)
        {
            if (response.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                part.Delete();

            throw Refusal(response, time);
        }

        long start = goOn ? offset : 0;

        long? total = response.Content.Headers.ContentLength is { } length ? start + length : null;
        RequireRoom(part, start, total);
        var origin = new PartialFile.Origin(address.AbsoluteUri, PartialFile.TagOf(response.Headers), total);
        await using FileStream file = part.Open(origin, goOn);
        await CopyAsync(response, file, total, cancellation);
        return answer.Sha256;
    }

    // Whether a partial answer fits the bytes that are here: same place, same total.
    private static bool Continues(HttpResponseMessage response, long offset, PartialFile.Origin? known) =>
        response.StatusCode == HttpStatusCode.PartialContent && offset > 0
        && response.Content.Headers.ContentRange is { } range && range.From == offset
        && (known!.Total is null || range.Length is null || range.Length == known.Total);

    private static MirrorException Refusal(HttpResponseMessage response, TimeProvider time)
    {
        int code = (int)response.StatusCode;
        bool retry = code is >= 500 or 408 or 416 or 429 or 206;
        TimeSpan? after = response.Headers.RetryAfter is { } r ? r.Delta ?? r.Date - time.GetUtcNow() : null;
        return new MirrorException($"the server answers {code} {response.ReasonPhrase}".TrimEnd(), retry, after);
    }

    private void RequireRoom(PartialFile part, long start, long? total)
    {
        if (total > limits.LargestFile)
        {
            throw new MirrorException(
                $"the file has {total} bytes, more than the {limits.LargestFile} that are accepted");
        }

        long free = freeBytes(part.Path);
        if (total is { } wanted && free - SpareBytes < wanted - start)
        {
            throw new IOException($"{part.Path}: the download needs {(wanted - start) >> 20} MB more, but " +
                $"the disk has {free >> 20} MB free. Free some space, or name another folder with --cache.");
        }
    }

    private async Task CopyAsync(
        HttpResponseMessage response, FileStream file, long? total, CancellationToken cancellation)
    {
        var rate = new TransferRate(time, file.Length, total);
        var buffer = new byte[BufferSize];
        await using Stream content = await response.Content.ReadAsStreamAsync(cancellation);
        for (bool first = file.Length == 0; ; first = false)
        {
            int count = await ReadAsync(content, buffer, first ? ForeignContent.Window : 1, cancellation);
            if (first && ForeignContent.Describe(buffer.AsSpan(0, count)) is { } foreign)
                throw new MirrorException($"the server delivers {foreign}");

            if (count == 0)
                break;

            if (file.Length + count > limits.LargestFile)
                throw new MirrorException($"the file is longer than the {limits.LargestFile} bytes that are accepted");

            await file.WriteAsync(buffer.AsMemory(0, count), cancellation);
            await file.FlushAsync(cancellation);
            progress?.Report(rate.At(file.Length));
        }

        file.Flush(flushToDisk: true);
        if (total is { } expected && file.Length != expected)
            throw new MirrorException($"the connection ended after {file.Length} of {expected} bytes", retry: true);
    }

    private async Task<int> ReadAsync(Stream content, byte[] buffer, int least, CancellationToken cancellation)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(limits.Stall);
        try
        {
            return await content.ReadAtLeastAsync(buffer, least, throwOnEndOfStream: false, stall.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new MirrorException($"no byte for {limits.Stall.TotalSeconds:0} s", retry: true, inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException)
        {
            throw new MirrorException($"the connection was lost: {e.Message}", retry: true, inner: e);
        }
    }
}
