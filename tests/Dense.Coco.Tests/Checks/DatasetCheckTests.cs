using Dense.Coco.Annotations;
using Dense.Coco.Checks;

namespace Dense.Coco.Tests.Checks;

public class DatasetCheckTests
{
    [Fact]
    public void GoodDataSet_HasOnlyNotes()
    {
        CheckReport report = DatasetCheck.Run(SmallCase.LoadDataset());

        Assert.False(report.BreaksTraining);
        Assert.Equal((2, 3, 5, 1, 0),
            (report.Images, report.Categories, report.Annotations, report.Crowds, report.ImagesWithoutObjects));
        Assert.Equal([CheckKind.CategoryGap, CheckKind.EmptyCategory], report.Findings.Select(f => f.Kind));
        Assert.Equal(["no id 2", "no ids 4 to 6"], report.Findings[0].First);
    }

    [Theory]
    [InlineData("\"id\": 2, \"height\": 80", "\"id\": 1, \"height\": 80", "duplicate_image_id")]
    [InlineData("\"id\": 2, \"height\": 80", "\"id\": 2, \"height\": 0", "no_image_size")]
    [InlineData("\"id\": 3, \"name\"", "\"id\": 1, \"name\"", "duplicate_category_id")]
    [InlineData("\"name\": \"b\"", "\"name\": \"a\"", "duplicate_category_name")]
    [InlineData("{\"id\": 2, \"image_id\"", "{\"id\": 1, \"image_id\"", "duplicate_annotation_id")]
    [InlineData("{\"id\": 2, \"image_id\"", "{\"id\": 0, \"image_id\"", "annotation_id_zero")]
    [InlineData("\"image_id\": 2, \"category_id\": 3", "\"image_id\": 8, \"category_id\": 3", "unknown_image")]
    [InlineData("\"image_id\": 2, \"category_id\": 3", "\"image_id\": 2, \"category_id\": 2", "unknown_category")]
    [InlineData("\"bbox\": [10, 10, 20, 20], ", "", "no_box")]
    [InlineData("[10, 10, 20, 20]", "[10, 10, 0, 20]", "degenerate_box")]
    [InlineData("[10, 10, 20, 20]", "[120, 10, 20, 20]", "box_outside")]
    [InlineData("[10, 10, 20, 20]", "[110, 10, 20, 20]", "box_partly_outside")]
    [InlineData("[[10, 10, 30, 10, 30, 30, 10, 30]]", "[[10, 10, 30, 10]]", "no_usable_polygon")]
    [InlineData("[[10, 10, 30, 10, 30, 30, 10, 30]]", "[[10, 10, 30, 10], [1, 1, 5, 1, 5, 5]]", "short_polygon")]
    [InlineData("[[10, 10, 30, 10, 30, 30, 10, 30]]", "[[10, 10, 10, 10, 10, 10]]", "empty_mask")]
    [InlineData("[[10, 10, 30, 10, 30, 30, 10, 30]]", "[[10, 10, 30, 10, 1e12, 30]]", "damaged_mask")]
    [InlineData("\"size\": [100, 120]", "\"size\": [120, 100]", "mask_size")]
    [InlineData("\"size\": [100, 120]", "\"size\": [10, 10]", "damaged_mask")]
    [InlineData(",30]}},", ",10]}},", "short_mask")]
    public void Fault_IsFound(string original, string faulty, string kind)
    {
        Assert.Contains(original, SmallCase.Annotations);

        CheckReport report = DatasetCheck.Run(SmallCase.Dataset(SmallCase.Annotations.Replace(original, faulty)));

        FindingGroup found = Assert.Single(report.Findings, f => f.Kind.Name == kind);
        Assert.Single(found.First);
        Assert.Equal(report.Findings.Any(f => f.Kind.BreaksTraining), report.BreaksTraining);
    }

    [Fact]
    public void ManyFaults_AreCountedAndTheFirstTenShown()
    {
        var dataset = new CocoDataset();
        dataset.Images.Add(new CocoImage(1, "a.jpg", 10, 10));
        dataset.Categories.Add(new CocoCategory(1, "a"));
        for (int i = 1; i <= 25; i++)
            dataset.Annotations.Add(new CocoAnnotation(i, 1, 1, new BoxXywh(0, 0, -1, 1), 1, false, default));

        FindingGroup found = Assert.Single(DatasetCheck.Run(dataset).Findings);

        Assert.Equal((25, 10), (found.Count, found.First.Count));
        Assert.StartsWith("annotation 1 (image 1)", found.First[0]);
    }

    [Fact]
    public void AllKinds_AreListedOnceWithANameOfTheirOwn()
    {
        int declared = typeof(CheckKind).GetProperties().Count(p => p.PropertyType == typeof(CheckKind));

        Assert.Equal(declared, CheckKind.All.Count);
        Assert.Equal(declared, CheckKind.All.Select(k => k.Name).Distinct().Count());
    }
}
