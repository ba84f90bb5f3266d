using System.Security.Cryptography;
using System.Text;

namespace Dense.Hub.Tests;

public sealed class ModelStoreTests : ModelStoreFixture
{
    [Fact]
    public async Task Pull_StoresTheFile_AndRecordsItsContent()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);

        StoredModel stored = await Pull(server.Root);

        Assert.True(stored.Downloaded);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(
            new ContentRecord(
                Convert.ToHexStringLower(SHA256.HashData(Content)), Content.Length, server.Root + "m.pth"),
            ContentRecord.Read(Target));
        Assert.Equal((CacheState.Verified, Content.Length), Cache.StateOf(Model));
        Assert.Equal(["m.pth", "m.pth.lock", "m.pth.sha256"], Files());
        Assert.Equal(Content.Length, Progress.Last().Received);
        Assert.Equal(Content.Length, Progress.Last().Total);
    }

    [Fact]
    public async Task Pull_AsksNoServer_WhenTheFileIsThereAndUnchanged()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);
        await Pull(server.Root);

        StoredModel again = await Pull(server.Root);

        Assert.False(again.Downloaded);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Pull_Refuses_WhenTheFileChangedSinceItWasRecorded(int bytesMore)
    {
        using LoopbackServer server = LoopbackServer.Of(Content);
        await Pull(server.Root);
        byte[] changed = Content[..(Content.Length + bytesMore)];
        changed[1000] ^= 1;
        File.WriteAllBytes(Target, changed);

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));

        Assert.Contains("changed since it was first verified", e.Message, StringComparison.Ordinal);
        Assert.Equal(changed, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Pull_KeepsNothing_WhenTheContentIsNoModel()
    {
        using LoopbackServer server = LoopbackServer.Of([.. Encoding.ASCII.GetBytes("XX"), .. Content]);

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(server.Root));

        Assert.Contains("not a model", e.Message, StringComparison.Ordinal);
        Assert.Equal(["m.pth.lock"], Files());
    }

    [Fact]
    public async Task Pull_VerifiesAndRecords_AFileThatWasPutThereByHand()
    {
        File.WriteAllBytes(Target, Content);
        Assert.Equal(CacheState.Unverified, Cache.StateOf(Model).State);

        StoredModel stored = await Pull();

        Assert.False(stored.Downloaded);
        Assert.Null(stored.Content.Source);
        Assert.Equal(CacheState.Verified, Cache.StateOf(Model).State);
    }

    [Fact]
    public async Task Pull_Refuses_WhenTheFileIsLargerThanAccepted()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(
            Limits with { LargestFile = 1000 }, null, server.Root));

        Assert.Contains("more than the 1000", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_Refuses_WhenTheDiskIsTooFull()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);

        var e = await Assert.ThrowsAsync<IOException>(() => Pull(Limits, _ => 1000, server.Root));

        Assert.Contains("--cache", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConcurrentPulls_DownloadOnce()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);

        StoredModel[] stored = await Task.WhenAll(Pull(server.Root), Pull(server.Root), Pull(server.Root));

        Assert.Single(stored, s => s.Downloaded);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Pull_SaysSo_WhenAnotherProcessHoldsTheLockForTooLong()
    {
        using var held = new FileStream(Target + ".lock", FileMode.Create, FileAccess.Write, FileShare.None);

        var e = await Assert.ThrowsAsync<HubException>(() => Pull(Limits with { Lock = TimeSpan.Zero }, null));

        Assert.Contains("another process", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_Stops_WhenItIsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        using var server = new LoopbackServer((request, _) =>
            LoopbackServer.Whole(request, Content) with { StallAfter = 80_000 });
        using var store = Store(Limits, null);
        Task<StoredModel> pull = store.PullAsync(
            Model, [new Uri(server.Root + "m.pth")], new Recorder(p => { if (p.Received == 80_000) cancel.Cancel(); }),
            cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        Assert.Equal((CacheState.Partial, 80_000), Cache.StateOf(Model));
    }
}
