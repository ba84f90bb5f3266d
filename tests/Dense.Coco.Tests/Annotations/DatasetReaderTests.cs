using System.Text;
using CsCheck;
using Dense.Coco.Annotations;

namespace Dense.Coco.Tests.Annotations;

public class DatasetReaderTests
{
    [Fact]
    public void SectionsAndFields_MayComeInAnyOrder()
    {
        CocoDataset dataset = SmallCase.Dataset("""
            {"annotations": [
                {"segmentation": {"counts": [1, 2, 1], "size": [2, 2]}, "category_id": 5, "image_id": 9, "id": 3}],
             "more": {"deep": [[1, {"id": "x"}]]}, "categories": [{"name": "b", "id": 5}],
             "images": [{"file_name": "a.jpg", "id": 9}]}
            """);

        CocoAnnotation annotation = Assert.Single(dataset.Annotations);
        Assert.Equal((3, 9, 5), (annotation.Id, annotation.ImageId, annotation.CategoryId));
        Assert.Null(annotation.Box);
        Assert.Null(annotation.Area);
        Assert.Equal([1u, 2u, 1u], annotation.Segmentation.ToMask(2, 2).ToCounts());
        Assert.Equal(new CocoImage(9, "a.jpg", 0, 0), Assert.Single(dataset.Images));
    }

    [Fact]
    public void ByteOrderMarkAndWholeNumbersWithFraction_AreAccepted()
    {
        CocoDataset dataset = SmallCase.Dataset("\uFEFF" + """
            {"images": [{"id": 1.0, "width": 640.0, "height": 4.8e2}], "categories": [{"id": 1e0, "name": "a"}],
             "annotations": [
                {"id": 2, "image_id": 1, "category_id": 1, "iscrowd": true, "bbox": [], "segmentation": null}]}
            """);

        Assert.Equal(new CocoImage(1, "", 640, 480), dataset.Images[0]);
        Assert.True(dataset.Annotations[0].IsCrowd);
        Assert.Equal(SegmentationKind.None, dataset.Annotations[0].Segmentation.Kind);
    }

    [Fact]
    public void TextsLongerThanTheBuffer_AreReadWhole()
    {
        string name = new('x', 3_000_000);

        CocoDataset dataset = SmallCase.Dataset(
            $$"""{"images": [{"id": 1, "file_name": "{{name}}"}], "categories": []}""");

        Assert.Equal(name, dataset.Images[0].FileName);
        Assert.False(dataset.HasAnnotations);
    }

    [Theory]
    [InlineData("[]", "$: expected an annotation file")]
    [InlineData("""{"images": []}""", "no 'categories' list")]
    [InlineData("""{"images": [{"file_name": "a"}], "categories": []}""", "$.images[0]: the field 'id' is missing")]
    [InlineData("""{"images": [{"id": "7"}], "categories": []}""", "$.images[0].id: expected a whole number (remove " +
        "the quotation marks), found the text \"7\"")]
    [InlineData("""{"images": [{"id": 1}, {"id": 1.5}], "categories": []}""", "$.images[1].id: expected a whole " +
        "number, found 1.5")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"id": 1, "image_id": 1}]}""",
        "$.annotations[0]: the field 'category_id' is missing")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"bbox": [1, 2, 3]}]}""",
        "$.annotations[0].bbox: expected a finite number, found the end of the list")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"bbox": [1, 2, 3, 4, 5]}]}""",
        "$.annotations[0].bbox: the box has more than the four numbers")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"area": 1e999}]}""", "$.annotations[0].area: " +
        "expected a finite number, found 1e999")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"segmentation": [1, 2]}]}""",
        "$.annotations[0].segmentation: expected a list of polygons")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"segmentation": {"size": [2, 2]}}]}""", "no " +
        "'size' or no 'counts'")]
    [InlineData(
        """{"images": [], "categories": [], "annotations": [{"segmentation": {"counts": [3, -1], "size": [2, 2]}}]}""",
        "run length -1 is negative")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"area": NaN}]}""", "$.annotations[0].area: not " +
        "valid JSON at line 1")]
    [InlineData("""{"images": [], "categories": [], "annotations": [{"id": 1""", "a file that was cut off must be " +
        "written again")]
    [InlineData("", "not valid JSON")]
    public void FaultyFiles_AreRefusedWithThePlace(string json, string expected)
    {
        var e = Assert.Throws<CocoFormatException>(() => SmallCase.Dataset(json));

        Assert.StartsWith("gt.json: ", e.Message);
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void Polygons_ComeBackAsTheSameDoubles()
    {
        Gen<double> value = Gen.OneOf(
            Gen.Int[-100_000, 100_000].Select(i => i / 100.0), Gen.Double[-1e7, 1e7], Gen.Int[-5000, 5000]
            .Select(i => (double)i), Gen.Double);
        Gen<double[][]> polygons = value.Where(double.IsFinite).Array[0, 40].Array[1, 4];

        polygons.Sample(p => Assert.Equal(p, Segmentation.FromPolygons(p).ToPolygons()));
    }

    [Fact]
    public void WrittenFile_ReadsAsTheSameDataSet()
    {
        using var folder = new TempFolder();
        foreach (string extension in new[] { ".json", ".json.gz" })
        {
            CocoDataset original = SmallCase.LoadDataset();
            original.Images[0] = original.Images[0] with { FileName = "Grün \"1\".jpg" };
            string path = folder["gt" + extension];

            original.Save(path);
            var read = CocoDataset.Load(path);

            Assert.Equal(original.Images, read.Images);
            Assert.Equal(original.Categories, read.Categories);
            Assert.Equal(original.Annotations.Select(Text), read.Annotations.Select(Text));
            Assert.Equal(Path.GetFileName(path), Path.GetFileName(
                Assert.Single(Directory.GetFiles(folder.Path, "gt" + extension + "*"))));
        }
    }

    [Theory]
    [InlineData("0.1")]
    [InlineData("-12.340")]
    [InlineData("123456789012345678")]
    [InlineData("9007199254740993")]
    [InlineData("0.30000000000000004")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("4.9E-324")]
    [InlineData("360.15")]
    public void Numbers_AreRoundedCorrectly(string text)
    {
        CocoDataset dataset = SmallCase.Dataset(
            $$"""
            {"images": [], "categories": [],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "area": {{text}}}]}
            """);

        Assert.Equal(double.Parse(text), dataset.Annotations[0].Area);
    }

    [Fact]
    public void CategoryMap_RanksIdsAndNamesUnknownOnes()
    {
        var map = new CategoryMap(SmallCase.LoadDataset().Categories.AsEnumerable().Reverse());

        Assert.Equal([0, 1, 2], new long[] { 1, 3, 7 }.Select(map.ToContiguous));
        Assert.Equal(7, map.ToCategoryId(2));
        Assert.False(map.IsOneToCount);
        Assert.Contains("id 2", Assert.Throws<CocoFormatException>(() => map.ToContiguous(2)).Message);
        Assert.Contains("Class 3", Assert.Throws<CocoFormatException>(() => map.ToCategoryId(3)).Message);
    }

    private static string Text(CocoAnnotation a) => new StringBuilder()
        .Append(a.Id).Append(' ').Append(a.ImageId).Append(' ').Append(a.CategoryId).Append(' ').Append(a.Box)
        .Append(' ')
        .Append(a.Area).Append(' ').Append(a.IsCrowd).Append(' ').Append(a.Segmentation.RunLengthText()).Append(' ')
        .AppendJoin('|', a.Segmentation.ToPolygons().Select(p => string.Join(',', p))).ToString();
}
