namespace Dense.Hub.Tests;

public sealed class DownloadTests : ModelStoreFixture
{
    [Fact]
    public async Task Pull_ResumesByRange_WhenTheConnectionBreaks()
    {
        using var server = new LoopbackServer((request, before) =>
            LoopbackServer.Whole(request, Content) with { CutAfter = before == 0 ? 100_000 : null });

        await Pull(server.Root);

        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(100_000, Assert.Single(server.Requests.Skip(1)).RangeStart);
        Assert.Contains(Progress, p => p.Event?.Contains("trying again", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Pull_ResumesInALaterCall_WhenTheFirstWasGivenUp()
    {
        bool healthy = false;
        using var server = new LoopbackServer((request, before) => (healthy, before) switch
        {
            (false, 0) => LoopbackServer.Whole(request, Content) with { CutAfter = 70_000 },
            (false, _) => Answer.Text(503, ""),
            _ => LoopbackServer.Whole(request, Content),
        });
        await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));
        Assert.Equal((CacheState.Partial, 70_000), Cache.StateOf(Model));

        healthy = true;
        await Pull(server.Root);

        Assert.Equal(70_000, server.Requests[^1].RangeStart);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_StartsOver_WhenTheServerIgnoresRanges()
    {
        using var server = new LoopbackServer((_, before) => new Answer(200, Content)
        {
            CutAfter = before == 0 ? 100_000 : null,
            Headers = { ["ETag"] = "\"v1\"" },
        });

        await Pull(server.Root);

        Assert.Equal(100_000, server.Requests[1].RangeStart);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_StartsOver_WhenTheFileChangedAtTheServer()
    {
        byte[] newer = [.. Content.Select((b, i) => i < 2 ? b : (byte)~b)];
        using var server = new LoopbackServer((request, before) => before == 0
            ? LoopbackServer.Whole(request, Content) with { CutAfter = 100_000 }
            : LoopbackServer.Whole(request, newer, tag: "\"v2\""));

        await Pull(server.Root);

        Assert.Equal(newer, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_NeverAppendsAPartThatDoesNotFit()
    {
        using var server = new LoopbackServer((request, before) => before switch
        {
            0 => LoopbackServer.Whole(request, Content) with { CutAfter = 100_000 },
            1 => new Answer(206, Content[50_000..])
            {
                Headers = { ["Content-Range"] = $"bytes 50000-{Content.Length - 1}/{Content.Length}" },
            },
            _ => LoopbackServer.Whole(request, Content),
        });

        await Pull(server.Root);

        Assert.Null(server.Requests[2].RangeStart);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_VerifiesWhatIsThere_WhenEverythingArrivedBeforeTheInterruption()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);
        await Pull(server.Root);
        File.Move(Target, PartialFile.PathOf(Target));
        File.Delete(Target + ".sha256");
        File.WriteAllText(PartialFile.PathOf(Target) + ".json",
            $$"""{"Address":"{{server.Root}}m.pth","Tag":"\u0022v1\u0022","Total":{{Content.Length}}}""");

        await Pull(server.Root);

        Assert.Equal(416, LoopbackServer.Whole(server.Requests[1], Content).Status);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Pull_TriesAgain_WhenTheServerIsBusy(int status)
    {
        using var server = new LoopbackServer((request, before) =>
            before < 2 ? Answer.Text(status, "busy") : LoopbackServer.Whole(request, Content));

        await Pull(server.Root);

        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_TakesTheNextMirror_WhenOneHasNoSuchFile()
    {
        using var first = new LoopbackServer((_, _) => Answer.Text(404, "gone"));
        using LoopbackServer second = LoopbackServer.Of(Content);

        await Pull(first.Root, second.Root);

        Assert.Single(first.Requests);
        Assert.Equal(second.Root + "m.pth", ContentRecord.Read(Target)!.Source);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Please log in</body></html>", "web page")]
    [InlineData("\n  <html>gone</html>", "web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer")]
    [InlineData("{\"error\":\"Repository not found\"}", "Repository not found")]
    [InlineData("Too many requests", "short text")]
    [InlineData("", "empty file")]
    public async Task Pull_NamesWhatAServerDeliversInstead(string body, string expected)
    {
        using var server = new LoopbackServer((_, _) => Answer.Text(200, body));

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(Target, e.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Equal(["m.pth.lock"], Files());
    }

    [Fact]
    public async Task Pull_GivesAMirrorUp_WhenItKeepsBreakingOff()
    {
        using var server = new LoopbackServer((request, _) =>
            LoopbackServer.Whole(request, Content) with { CutAfter = 0 });

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));

        Assert.Contains("given up after 3 attempts", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Pull_OpensANewConnection_WhenOneStalls()
    {
        using var server = new LoopbackServer((request, before) =>
            LoopbackServer.Whole(request, Content) with { StallAfter = before == 0 ? 90_000 : null });

        // The one wait that a test must sit out.
        await Pull(Limits with { Stall = TimeSpan.FromMilliseconds(500) }, null, server.Root);

        Assert.Equal(90_000, server.Requests[1].RangeStart);
        Assert.Contains(Progress, p => p.Event?.StartsWith("no byte for", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Pull_FollowsRedirections()
    {
        using LoopbackServer second = LoopbackServer.Of(Content);
        using var first = new LoopbackServer((_, _) =>
            Answer.Text(302, "") with { Headers = new() { ["Location"] = second.Root + "signed?x=1" } });

        await Pull(first.Root);

        Assert.Equal("/signed?x=1", Assert.Single(second.Requests).Path);
        Assert.Equal(first.Root + "m.pth", ContentRecord.Read(Target)!.Source);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "refused")]
    [InlineData("loop", "more than")]
    public async Task Pull_RefusesRedirections_ThatLeadNowhereGood(string location, string expected)
    {
        using var server = new LoopbackServer((_, _) =>
            Answer.Text(301, "") with { Headers = new() { ["Location"] = location } });

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://a/x", "http://b/y", false)]
    [InlineData("https://a/x", "/y", true)]
    [InlineData("http://a/x", "https://b/y", true)]
    [InlineData("http://a/x", "http://b/y", true)]
    public void Redirection_FromAnEncryptedConnection_MustStayEncrypted(string from, string to, bool allowed)
    {
        var follow = () => RedirectingClient.Next(new Uri(from), new Uri(to, UriKind.RelativeOrAbsolute));

        if (allowed)
            follow();
        else
            Assert.Throws<MirrorException>(() => follow());
    }

    [Fact]
    public async Task Pull_ComparesWithTheChecksumThatTheServerPromises()
    {
        using var damaged = new LoopbackServer((request, _) => LoopbackServer.Whole(request, Content) with
        {
            Headers = new() { ["X-Linked-Etag"] = $"\"{new string('0', 64)}\"" },
        });

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(damaged.Root));

        Assert.Contains("promised SHA-256 0000", e.Message, StringComparison.Ordinal);
        Assert.Equal(["m.pth.lock"], Files());
    }
}
