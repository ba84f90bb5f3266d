using Dense.Training.Data;
using Dense.Training.Detection.Data;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class DatasetCatalogTests
{
    [Fact]
    public void CocoNames_LieBelowTheRoot()
    {
        DatasetCatalog catalog = DatasetCatalog.Open("/data");

        RegisteredDataset train = catalog.Find("coco_2017_train");

        Assert.Equal("/data/coco/train2017", train.ImageFolder);
        Assert.Equal("/data/coco/annotations/instances_train2017.json", train.AnnotationFile);
        Assert.True(train.HasCocoClasses);
        Assert.Equal(9, catalog.Names.Count);
        Assert.Equal(
            "/data/coco/annotations/image_info_test-dev2017.json", catalog.Find("coco_2017_test-dev").AnnotationFile);
    }

    [Fact]
    public void HomeFolder_IsExpanded() => Assert.Equal(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/sets", DatasetCatalog.Open("~/sets").Root);

    // E-92, E-194.
    [Fact]
    public void Reading_IsToldOnceWithTheTimeItTook()
    {
        using SmallSet set = SmallSet.WithImages(2);
        set.Read();
        string sets = Path.Combine(set.Folder, "sets.yaml");
        File.WriteAllText(sets, "mine: {json_file: annotations.json, image_root: .}\n");
        DatasetCatalog catalog = DatasetCatalog.Open(set.Folder, sets);
        var read = new List<string>();
        catalog.OnRead = (dataset, time) =>
        {
            Assert.True(time > TimeSpan.Zero);
            read.Add(dataset.Name);
        };

        Assert.Same(catalog.Read("mine"), catalog.Read("mine"));

        Assert.Equal(["mine"], read);
    }

    [Fact]
    public void UnknownName_IsRefusedWithTheNearestAndAllKnownNames()
    {
        var e = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("/data").Find("coco_2017_trian"));

        Assert.Contains("Is 'coco_2017_train' meant?", e.Message, StringComparison.Ordinal);
        Assert.Contains("coco_2014_valminusminival", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mine: {json_file: a/b.json, image_root: /images}\n")]
    [InlineData("""{"mine": {"json_file": "a/b.json", "image_root": "/images"}}""")]
    public void RegisteredSets_ComeFromYamlOrJsonWithPathsRelativeToTheFile(string content)
    {
        using var folder = new TempFolder();
        string file = folder.Write("more.txt", content);

        RegisteredDataset mine = DatasetCatalog.Open("/data", file).Find("mine");

        Assert.Equal(new RegisteredDataset("mine", "/images", folder["a/b.json"], false), mine);
    }

    [Fact]
    public void RegisteredSets_OfTheRootAreFoundWithoutAnOption()
    {
        using var folder = new TempFolder();
        string file = folder.Write("datasets.yaml", "mine: {json_file: b.json, image_root: images}\n");

        Assert.Contains("mine", DatasetCatalog.Open(folder.Path).Names);
        Assert.Contains("mine", DatasetCatalog.Open(folder.Path, file).Names);
    }

    [Theory]
    [InlineData("coco_2017_val: {json_file: b.json, image_root: images}", "is taken")]
    [InlineData("mine: {json_file: b.json}", "'image_root' is missing")]
    [InlineData("mine: {json_file: b.json, image_root: i, classes: 3}", "unknown key 'classes'")]
    [InlineData("mine: b.json", "expected {json_file")]
    [InlineData("mine: {json_file: [", "YAML")]
    [InlineData("a: {json_file: b, image_root: i}\na: {json_file: c, image_root: i}", "'a' is registered twice")]
    public void RegistrationFile_ThatIsWrongIsRefusedWithItsNameAndCause(string content, string cause)
    {
        using var folder = new TempFolder();
        string file = folder.Write("more.yaml", content);

        var e = Assert.Throws<DatasetException>(() => DatasetCatalog.Open("/data", file));

        Assert.Contains("more.yaml", e.Message, StringComparison.Ordinal);
        Assert.Contains(cause, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DataSet_IsReadOnce()
    {
        using SmallSet set = SmallSet.WithImages(1);
        set.Read();
        using var folder = new TempFolder();
        string file = folder.Write(
            "more.yaml", $"mine: {{json_file: {set.Folder}/annotations.json, image_root: {set.Folder}}}\n");
        DatasetCatalog catalog = DatasetCatalog.Open("/data", file);

        Assert.Same(catalog.Read("mine"), catalog.Read("mine"));
    }
}
