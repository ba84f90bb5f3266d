using System.Security.Cryptography;
using System.Text.Json;
using Dense.Imaging.Scenes;
using SkiaSharp;

namespace Dense.Imaging.Tests.Scenes;

public sealed class SceneDatasetTests : IDisposable
{
    private static readonly SceneOptions Options =
        new() { Images = 20, Unlabelled = 6, Probe = 16, Size = 64, Seed = 5, Split = true, Png = true, Workers = 1 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_GivesTheSameFiles_ForAnyNumberOfWorkers(bool png)
    {
        SceneDataset.Write(_folder["a"], Options with { Png = png });
        SceneDataset.Write(_folder["b"], Options with { Png = png, Workers = 2 });

        Dictionary<string, string> first = Hashes("a");
        Assert.Equal(20 + 6 + 16 + 8 + 2 + 3, first.Count);
        Assert.Equal(first, Hashes("b"));
    }

    [Fact]
    public void Annotations_AgreeWithThePictures()
    {
        SceneDataset.Write(_folder["a"], Options);

        int images = 0;
        foreach (string split in (string[])["train", "val"])
        {
            using JsonDocument json = Read($"a/annotations/instances_{split}.json");
            Dictionary<int, string> files = json.RootElement.GetProperty("images").EnumerateArray()
                .ToDictionary(i => i.GetProperty("id").GetInt32(), i => i.GetProperty("file_name").GetString()!);
            Assert.Equal(Directory.GetFiles(_folder[$"a/{split}"]).Length, files.Count);
            Assert.All(files.Values, f => AssertSize(_folder[$"a/{split}/{f}"]));

            List<JsonElement> annotations = [.. json.RootElement.GetProperty("annotations").EnumerateArray()];
            Assert.Equal(Enumerable.Range(1, annotations.Count),
                annotations.Select(a => a.GetProperty("id").GetInt32()));
            Assert.Equal(files.Keys.Order(), annotations.Select(a => a.GetProperty("image_id").GetInt32())
                .Distinct().Order());
            Assert.All(annotations, AssertConsistent);
            images += files.Count;
        }

        Assert.Equal(Options.Images, images);
    }

    [Theory]
    [InlineData(SceneLook.Independent, 8)]
    [InlineData(SceneLook.Simple, 4)]
    public void Categories_AreTheClassesOfTheLook_NumberedFromOne(SceneLook look, int classes)
    {
        SceneDataset.Write(_folder["a"], Options with { Split = false, Look = look });

        using JsonDocument json = Read("a/annotations/instances.json");
        Assert.Equal(
            ShapeClasses.All.Take(classes).Select(s => (s.CategoryId(), s.CategoryName())),
            json.RootElement.GetProperty("categories").EnumerateArray()
                .Select(c => (c.GetProperty("id").GetInt32(), c.GetProperty("name").GetString()!)));
    }

    [Fact]
    public void ProbeLists_NameEachClassEquallyOften_AndExistingFiles()
    {
        SceneDataset.Write(_folder["a"], Options);

        foreach (var (list, count) in new[] { ("probe_train.txt", 16), ("probe_val.txt", 8) })
        {
            string[][] lines = [.. File.ReadLines(_folder[$"a/{list}"]).Select(l => l.Split(' '))];
            Assert.Equal(count, lines.Length);
            Assert.All(lines.CountBy(l => l[1]), c => Assert.Equal(count / 8, c.Value));
            Assert.All(lines, l => Assert.True(File.Exists(_folder[$"a/{l[0]}"])));
        }
    }

    [Fact]
    public void Write_Refuses_WhenTheFolderIsNotEmpty()
    {
        File.WriteAllText(_folder["mine.txt"], "x");

        var e = Assert.Throws<IOException>(() => SceneDataset.Write(_folder.Path, Options));

        Assert.Contains("not empty", e.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static void AssertConsistent(JsonElement annotation)
    {
        int[] box = [.. annotation.GetProperty("bbox").EnumerateArray().Select(v => v.GetInt32())];
        int[][] polygons = [.. annotation.GetProperty("segmentation").EnumerateArray()
            .Select(p => p.EnumerateArray().Select(v => v.GetInt32()).ToArray())];
        int[] xs = [.. polygons.SelectMany(p => p.Where((_, i) => i % 2 == 0))];
        int[] ys = [.. polygons.SelectMany(p => p.Where((_, i) => i % 2 == 1))];

        Assert.Equal((box[0], box[1], box[0] + box[2], box[1] + box[3]), (xs.Min(), ys.Min(), xs.Max(), ys.Max()));
        int filled = Enumerable.Range(0, Options.Size * Options.Size).Count(i =>
            polygons.Any(p => VisibleMaskTests.Contains(p, i % Options.Size + 0.5, i / Options.Size + 0.5)));
        Assert.Equal(annotation.GetProperty("area").GetInt32(), filled);
    }

    private static void AssertSize(string path)
    {
        using SKBitmap bitmap = SKBitmap.Decode(path);
        Assert.Equal((Options.Size, Options.Size), (bitmap.Width, bitmap.Height));
    }

    private JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(_folder[path]));

    private Dictionary<string, string> Hashes(string folder) => Directory
        .GetFiles(_folder[folder], "*", SearchOption.AllDirectories)
        .ToDictionary(
            f => Path.GetRelativePath(_folder[folder], f),
            f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))));
}
