namespace Dense.EndToEnd.Tests;

public sealed class ModelsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Models_ListsTheCatalogue_AndWhereFilesAre()
    {
        ChildProcess result = Densecl.Run("models", "--cache", _folder.Path);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("densecl-r101-imagenet-200ep", result.Output, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pull_RefusesAPage_ThatWasSavedUnderTheModelsName()
    {
        string path = _folder["densecl_r50_coco_800ep.pth"];
        File.WriteAllText(path, "<!DOCTYPE html><html>Sign in</html>");

        ChildProcess result = Densecl.Run("models", "pull", "densecl-r50-coco-800ep", "--cache", _folder.Path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{path}: this is a web page (HTML)", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Pull_ListsTheNames_WhenTheNameIsUnknown()
    {
        ChildProcess result = Densecl.Run("models", "pull", "resnet18");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("densecl-r50-coco-1600ep", result.Errors, StringComparison.Ordinal);
    }
}
