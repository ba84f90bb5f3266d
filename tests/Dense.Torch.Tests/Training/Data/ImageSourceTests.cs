using System.Text;
using Dense.Training.Data;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

public class ImageSourceTests
{
    [Fact]
    public void List_WithoutLabelsKeepsItsOrder()
    {
        using var folder = new TempFolder();
        folder.Write("b/2.jpg", [2]);
        folder.Write("a/1.jpg", [1, 1]);
        string list = folder.Write("train.txt", "b/2.jpg\na/1.jpg\n\n");

        using IImageSource source = ImageList.Open(folder.Path, list);

        Assert.Equal(["b/2.jpg", "a/1.jpg"], NamesOf(source));
        Assert.Equal(0, source.ClassCount);
        Assert.Throws<InvalidOperationException>(() => source.LabelOf(0));
        Assert.Equal([1, 1], BytesOf(source, 1));
    }

    [Fact]
    public void List_HasLabelsWhenItsFirstLineHasTwoFields()
    {
        using var folder = new TempFolder();
        string list = folder.Write("train.txt", "x.jpg 3\r\ny.jpg\t0\r\n");

        using IImageSource source = ImageList.Open(folder.Path, list);

        Assert.Equal(["x.jpg", "y.jpg"], NamesOf(source));
        Assert.Equal([3, 0], LabelsOf(source));
        Assert.Equal(4, source.ClassCount);
    }

    [Theory]
    [InlineData("a.jpg 1\nb.jpg", "line 2")]
    [InlineData("a.jpg 1\nb.jpg x", "line 2")]
    [InlineData("a.jpg 1\nb.jpg -1", "line 2")]
    [InlineData("a.jpg 1\nb.jpg 1 2", "line 2")]
    [InlineData("a.jpg 99999999999", "line 1")]
    [InlineData("a.jpg\n\nb.jpg", "line 2")]
    [InlineData("a.jpg\n../b.jpg", "leads out of the root")]
    [InlineData("a.jpg\n/etc/passwd", "leads out of the root")]
    [InlineData("sub/../../b.jpg", "leads out of the root")]
    [InlineData("a\0.jpg", "line 1")]
    [InlineData("", "empty")]
    [InlineData("\n \n", "empty")]
    public void MalformedList_IsRefusedWithThePlace(string content, string expected)
    {
        using var folder = new TempFolder();
        string list = folder.Write("train.txt", content);

        var e = Assert.Throws<DatasetException>(() => ImageList.Open(folder.Path, list));

        Assert.Contains(expected, e.Message);
        Assert.Contains("train.txt", e.Message);
    }

    [Fact]
    public void MissingFile_IsNamedWithItsPlaceInTheList()
    {
        using var folder = new TempFolder();
        string list = folder.Write("train.txt", "a.jpg\nb.jpg\n");
        using IImageSource source = ImageList.Open(folder.Path, list);

        var e = Assert.Throws<DatasetException>(() => BytesOf(source, 1));

        Assert.Contains("b.jpg", e.Message);
        Assert.Contains("number 2", e.Message);
        Assert.Contains("train.txt", e.Message);
    }

    [Fact]
    public void MissingRootOrList_IsRefused()
    {
        using var folder = new TempFolder();

        Assert.Contains("nowhere", Assert.Throws<DatasetException>(() => ImageFolder.Open(folder["nowhere"])).Message);
        Assert.Contains(
            "nowhere", Assert.Throws<DatasetException>(() => ImageList.Open(folder["nowhere"], "x")).Message);
        Assert.Contains(
            "no.txt", Assert.Throws<DatasetException>(() => ImageList.Open(folder.Path, folder["no.txt"])).Message);
    }

    [Fact]
    public void Folder_FindsImagesAnywhereByNameOrContentInOrdinalOrder()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "b.JPG", "a/z.png", "a/B.jpeg", "a.webp", "notes.txt", ".hidden.png", "list" })
            folder.Write(name, "x");
        folder.Write("deep/photo", TestImages.Png(1));

        using IImageSource source = ImageFolder.Open(folder.Path);

        Assert.Equal(["a.webp", "a/B.jpeg", "a/z.png", "b.JPG", "deep/photo"], NamesOf(source));
    }

    [Fact]
    public void EmptyFolder_IsRefused()
    {
        using var folder = new TempFolder();
        folder.Write("notes.txt", "x");

        Assert.Contains("no image", Assert.Throws<DatasetException>(() => ImageFolder.Open(folder.Path)).Message);
    }

    [Fact]
    public void CocoFolder_TakesEveryNameThatEndsInGWithoutFoldersBelow()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "000002.jpg", "000001.png", "x.jpeg", "y.gif", "below/z.jpg" })
            folder.Write(name, "x");

        using IImageSource source = ImageFolder.OpenCoco(folder.Path);

        Assert.Equal(["000001.png", "000002.jpg", "x.jpeg"], NamesOf(source));
    }

    [Fact]
    public void ClassFolders_AreNumberedInOrdinalOrder()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "n02/a.jpg", "n01/b/c.jpg", "N03/d.jpg", "n01/a.jpg" })
            folder.Write(name, "x");

        using IImageSource source = ImageFolder.OpenClasses(folder.Path);

        Assert.Equal(["N03/d.jpg", "n01/a.jpg", "n01/b/c.jpg", "n02/a.jpg"], NamesOf(source));
        Assert.Equal([0, 1, 1, 2], LabelsOf(source));
    }

    [Fact]
    public void ImageOutsideOfClassFolders_IsRefused()
    {
        using var folder = new TempFolder();
        folder.Write("cat/a.jpg", "x");
        folder.Write("b.jpg", "x");

        Assert.Contains("'b.jpg'", Assert.Throws<DatasetException>(() => ImageFolder.OpenClasses(folder.Path)).Message);
    }

    [Fact]
    public void DamagedList_ThrowsNothingButItsOwnException()
    {
        using var folder = new TempFolder();
        string list = folder["list.txt"];
        byte[] whole = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20).Select(i => $"a/{i}.jpg {i}\n")));
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 5000; round++)
        {
            File.WriteAllBytes(list, Mutant.Of(whole, random, longest: 63));
            try
            {
                using IImageSource source = ImageList.Open(folder.Path, list);
                BytesOf(source, 0);
            }
            catch (DatasetException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000);
    }

    internal static IEnumerable<string> NamesOf(IImageSource source) =>
        Enumerable.Range(0, source.Count).Select(source.NameOf);

    internal static IEnumerable<int> LabelsOf(IImageSource source) =>
        Enumerable.Range(0, source.Count).Select(source.LabelOf);

    internal static byte[] BytesOf(IImageSource source, int index)
    {
        var encoded = new EncodedImage();
        source.Read(index, encoded);
        return encoded.Bytes.ToArray();
    }
}
