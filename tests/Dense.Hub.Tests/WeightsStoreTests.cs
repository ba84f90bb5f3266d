namespace Dense.Hub.Tests;

/// <summary>Weights by the names of detectron2, and the cache that is shared with it (E-39, E-40).</summary>
public sealed class WeightsStoreTests : IDisposable
{
    private static readonly byte[] Content = [.. "PK"u8, .. Enumerable.Range(0, 70_000).Select(i => (byte)(i >> 3))];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("detectron2://ImageNetPretrained/MSRA/R-50.pkl",
        "https://dl.fbaipublicfiles.com/detectron2/ImageNetPretrained/MSRA/R-50.pkl")]
    [InlineData("catalog://ImageNetPretrained/MSRA/R-101",
        "https://dl.fbaipublicfiles.com/detectron/ImageNetPretrained/MSRA/R-101.pkl")]
    [InlineData("catalog://ImageNetPretrained/FAIR/X-101-64x4d",
        "https://dl.fbaipublicfiles.com/detectron/ImageNetPretrained/FBResNeXt/X-101-64x4d.pkl")]
    [InlineData("https://host/a.pth?x=1", "https://host/a.pth?x=1")]
    [InlineData("weights/a.pth", null)]
    [InlineData("/weights/a.pth", null)]
    public void Address_IsThatOfDetectron2(string name, string? expected) =>
        Assert.Equal(expected, WeightsAddress.Find(name)?.AbsoluteUri);

    [Theory]
    [InlineData("catalog://ImageNetPretrained/MSRA/R-18", "catalog://ImageNetPretrained/MSRA/R-50")]
    [InlineData("catalog://Other/x", "not in the catalogue")]
    [InlineData("ftp://host/a.pth", "http(s)://")]
    public void Address_ThatIsUnknownIsRefused(string name, string expected) =>
        Assert.Contains(expected, Assert.Throws<HubException>(() => WeightsAddress.Find(name)).Message);

    [Fact]
    public void Cache_HasTheLayoutOfDetectron2()
    {
        var cache = new WeightsCache(_folder.Path);

        Assert.Equal(_folder["detectron2/ImageNetPretrained/MSRA/R-50.pkl"],
            cache.PathOf(WeightsAddress.Find("detectron2://ImageNetPretrained/MSRA/R-50.pkl")!));
        Assert.Equal(_folder["a/b/c.pkl"], cache.PathOf(new Uri("https://host:8/a/b/c.pkl?q=../x")));
    }

    [Theory]
    [InlineData("https://host/../a.pkl")]
    [InlineData("https://host/a/%2e%2e/b.pkl")]
    [InlineData("https://host/a%2f..%2fb.pkl")]
    [InlineData("https://host/")]
    public void Cache_IsNeverLeft(string address) =>
        Assert.Throws<HubException>(() => new WeightsCache(_folder.Path).PathOf(new Uri(address)));

    [Fact]
    public void Cache_IsNamedByTheEnvironmentOrLiesAtHome()
    {
        var environment = new Dictionary<string, string?> { ["HOME"] = _folder.Path };
        Assert.Equal(_folder[".torch/iopath_cache"], Default(environment).Folder);

        environment["FVCORE_CACHE"] = _folder["mine"];
        Assert.Equal(_folder["mine"], Default(environment).Folder);

        static WeightsCache Default(Dictionary<string, string?> environment) =>
            WeightsCache.Default(environment.GetValueOrDefault, warning => Assert.Fail(warning));
    }

    [Fact]
    public void Cache_FallsBackToTheTemporaryFolderWithAWarning()
    {
        File.WriteAllText(_folder["file"], "");
        var warnings = new List<string>();

        WeightsCache cache = WeightsCache.Default(
            name => name == "FVCORE_CACHE" ? _folder["file/below"] : null, warnings.Add);

        Assert.Equal(Path.Combine(Path.GetTempPath(), "iopath_cache"), cache.Folder);
        Assert.Contains(_folder["file/below"], Assert.Single(warnings));
    }

    [Fact]
    public async Task Fetch_DownloadsOnceAndThenAsksNoServer()
    {
        using LoopbackServer server = LoopbackServer.Of(Content);

        string first = await Fetch(server.Root + "a/b.pkl?x=1");
        string second = await Fetch(server.Root + "a/b.pkl?x=2");

        Assert.Equal(_folder["a/b.pkl"], first);
        Assert.Equal(first, second);
        Assert.Equal(Content, File.ReadAllBytes(first));
        Assert.Single(server.Requests);
        Assert.Equal(["b.pkl", "b.pkl.lock"], Directory.GetFiles(_folder["a"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Fetch_TakesWhatSomebodyPutThereByHand()
    {
        Directory.CreateDirectory(_folder["detectron2/ImageNetPretrained/MSRA"]);
        File.WriteAllBytes(_folder["detectron2/ImageNetPretrained/MSRA/R-50.pkl"], Content);

        string path = await Fetch("detectron2://ImageNetPretrained/MSRA/R-50.pkl");

        Assert.Equal(_folder["detectron2/ImageNetPretrained/MSRA/R-50.pkl"], path);
    }

    [Fact]
    public async Task Fetch_LeavesPathsAlone()
    {
        Assert.Equal("some/file.pth", await Fetch("some/file.pth"));
        Assert.Equal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/file.pth",
            await Fetch("~/file.pth"));
    }

    [Theory]
    [InlineData(404, "gone", "404")]
    [InlineData(200, "", "an empty file")]
    [InlineData(200, "<html>log in</html>", "a web page")]
    public async Task Fetch_RefusesWhatIsNoFileAndSaysWhereToPutOne(int status, string body, string expected)
    {
        using var server = new LoopbackServer((_, _) => Answer.Text(status, body));

        var error = await Assert.ThrowsAsync<HubException>(() => Fetch(server.Root + "a/b.pkl"));

        Assert.Contains(expected, error.Message);
        Assert.Contains(_folder["a/b.pkl"], error.Message);
        Assert.False(File.Exists(_folder["a/b.pkl"]));
    }

    private async Task<string> Fetch(string name)
    {
        using var store = new WeightsStore(new WeightsCache(_folder.Path), new DownloadLimits { Attempts = 1 });
        return await store.FetchAsync(name, cancellation: TestContext.Current.CancellationToken);
    }
}
