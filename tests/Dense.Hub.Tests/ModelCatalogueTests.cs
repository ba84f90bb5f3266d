namespace Dense.Hub.Tests;

public sealed class ModelCatalogueTests
{
    [Fact]
    public void Catalogue_ListsThePublishedModels()
    {
        Assert.Equal(
            ["densecl_r50_coco_800ep.pth", "densecl_r50_coco_1600ep.pth", "densecl_r50_imagenet_200ep.pth",
                "densecl_r101_imagenet_200ep.pth"],
            ModelCatalogue.Models.Select(m => m.File));
        Assert.All(ModelCatalogue.Models, m => Assert.All(
            m.Mirrors, a => Assert.Equal("https", m.AddressAt(a).Scheme)));
    }

    [Theory]
    [InlineData("densecl-r50-coco-800ep")]
    [InlineData("DENSECL_R50_COCO_800EP")]
    [InlineData("densecl_r50_coco_800ep.pth")]
    public void Find_KnowsAModelByNameAndByFile(string name) =>
        Assert.Equal(800, ModelCatalogue.Find(name)?.Epochs);

    [Fact]
    public void Find_KnowsNoOtherName() => Assert.Null(ModelCatalogue.Find("r18"));

    [Theory]
    [InlineData("https://host/folder/", "https://host/folder/densecl_r50_coco_800ep.pth")]
    [InlineData("https://host/folder", "https://host/folder/densecl_r50_coco_800ep.pth")]
    [InlineData("http://host/other.pth", "http://host/other.pth")]
    [InlineData("https://host/get?id=7", "https://host/get?id=7")]
    public void Mirror_IsAFolderOrAFile(string mirror, string address) =>
        Assert.Equal(address, ModelCatalogue.Models[0].AddressAt(mirror).AbsoluteUri);

    [Theory]
    [InlineData("ftp://host/")]
    [InlineData("/home/me/file.pth")]
    [InlineData("")]
    public void Mirror_MustBeAWebAddress(string mirror) =>
        Assert.Contains(
            "https://", Assert.Throws<HubException>(() => ModelCatalogue.Models[0]
                .AddressAt(mirror)).Message, StringComparison.Ordinal);

    [Fact]
    public void Mirrors_OfTheUserComeFirst_InAFixedOrder()
    {
        using var folder = new TempFolder();
        folder.Write(Mirrors.FileName, "# ours\nhttp://file/ # near\n\n");

        IReadOnlyList<Uri> addresses = Mirrors.For(
            ModelCatalogue.Models[0], ["http://named/"], "http://a/  http://b/", folder.Path);

        Assert.Equal(["named", "a", "b", "file", "huggingface.co"], addresses.Select(a => a.Host));
    }

    [Theory]
    [InlineData("/c", "/x", "/c")]
    [InlineData(null, "/x", "/x/densecl/models")]
    [InlineData(null, "relative", "/home/u/.cache/densecl/models")]
    [InlineData(null, null, "/home/u/.cache/densecl/models")]
    public void CacheFolder_FollowsTheEnvironment(string? named, string? xdg, string expected) =>
        Assert.Equal(expected, ModelCache.DefaultFolder(name => name switch
        {
            "DENSECL_CACHE" => named,
            "XDG_CACHE_HOME" => xdg,
            "HOME" => "/home/u",
            _ => null,
        }));
}
