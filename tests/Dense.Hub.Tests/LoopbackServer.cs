using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dense.Hub.Tests;

/// <summary>What a test's server sends.</summary>
internal sealed record Answer(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>
    /// Bytes of the body after which the connection is closed, whatever the length that was promised.
    /// </summary>
    public int? CutAfter { get; init; }

    /// <summary>Bytes of the body after which nothing more comes, while the connection stays open.</summary>
    public int? StallAfter { get; init; }

    public static Answer Text(int status, string body) => new(status, Encoding.UTF8.GetBytes(body));
}

/// <summary>What a client asked for.</summary>
internal sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public long? RangeStart =>
        Headers.TryGetValue("Range", out string? r) ? long.Parse(r["bytes=".Length..].TrimEnd('-')) : null;
}

/// <summary>A web server for one test: answers on the loopback interface only, one connection a request.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Request, int, Answer> _answer;
    private readonly Task _loop;

    /// <param name="answer">Gets the request and how many came before it.</param>
    public LoopbackServer(Func<Request, int, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public List<Request> Requests { get; } = [];

    public string Root => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <summary>A server that offers one file, honouring ranges.</summary>
    public static LoopbackServer Of(byte[] content, string tag = "\"v1\"") =>
        new((request, _) => Whole(request, content, tag));

    public static Answer Whole(Request request, byte[] content, string tag = "\"v1\"")
    {
        var headers = new Dictionary<string, string> { ["ETag"] = tag };
        if (request.RangeStart is not { } start || request.Headers["If-Range"] != tag)
            return new Answer(200, content) { Headers = headers };

        if (start >= content.Length)
            return new Answer(416, []) { Headers = headers };

        headers["Content-Range"] = $"bytes {start}-{content.Length - 1}/{content.Length}";
        return new Answer(206, content[(int)start..]) { Headers = headers };
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _loop.Wait(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                Request request = await ReadAsync(stream);
                int before;
                lock (Requests)
                {
                    before = Requests.Count;
                    Requests.Add(request);
                }

                await WriteAsync(stream, _answer(request, before));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The client went away or the test is over.
            }
        }
    }

    private static async Task<Request> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            await stream.ReadExactlyAsync(one);
            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new Request(
            lines[0].Split(' ')[1],
            lines.Skip(1).Select(l => l.Split(": ", 2))
                .ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase));
    }

    private async Task WriteAsync(NetworkStream stream, Answer answer)
    {
        var head = new StringBuilder(
            $"HTTP/1.1 {answer.Status} Test\r\nConnection: close\r\nContent-Length: {answer.Body.Length}\r\n");
        foreach (var (name, value) in answer.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + "\r\n"));
        int count = answer.CutAfter ?? answer.StallAfter ?? answer.Body.Length;
        await stream.WriteAsync(answer.Body.AsMemory(0, count));
        await stream.FlushAsync();
        if (answer.StallAfter is not null)
            await Task.Delay(Timeout.Infinite, _stop.Token);
    }
}
