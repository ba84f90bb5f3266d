using Dense.Training.Data;
using Dense.Training.Detection.Data;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class CocoRecordsTests
{
    private static readonly double[] Square = [2, 2, 12, 2, 12, 12, 2, 12];

    [Fact]
    public void Images_ComeByAscendingIdWithTheirObjectsInFileOrder()
    {
        using var set = new SmallSet();
        set.Image(7, writeFile: false).Image(2, writeFile: false);
        set.Object(7, category: 2, id: 10).Object(2, id: 11).Object(7, category: 1, id: 4);

        CocoRecords records = set.Read();

        Assert.Equal([2L, 7L], records.Images.Select(i => i.ImageId));
        Assert.Equal([10L, 4L], records.Images[1].Objects.Select(o => o.AnnotationId));
        Assert.Equal([1, 0], records.Images[1].Objects.Select(o => o.ClassId));
        Assert.Equal(["cat", "dog"], records.ClassNames);
        Assert.Empty(records.Warnings);
    }

    [Fact]
    public void Classes_WithGapsAreNumberedAnewWithAWarningUnlessTheNameSaysCoco()
    {
        using var set = new SmallSet();
        using var coco = new SmallSet { Name = "my_coco" };
        foreach (SmallSet each in new[] { set, coco })
        {
            each.Categories.Clear();
            each.Categories.AddRange([(9, "dog"), (3, "cat")]);
            each.Image(1, writeFile: false).Object(1, category: 9);
        }

        CocoRecords records = set.Read();

        Assert.Equal(["cat", "dog"], records.ClassNames);
        Assert.Equal(1, records.Images[0].Objects.Single().ClassId);
        Assert.Contains("numbered anew", Assert.Single(records.Warnings), StringComparison.Ordinal);
        Assert.Empty(coco.Read().Warnings);
    }

    [Fact]
    public void Annotations_WhosePolygonsAreAllTooShortAreDroppedWithACount()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false);
        set.Object(1, shape: new[] { new double[] { 1, 2, 3, 4 } });
        set.Object(1, shape: new[] { [1, 2, 3, 4], Square });
        set.Object(1, shape: new[] { new double[] { 1, 2, 3, 4, 5, 6, 7 } });
        set.Object(1);

        CocoRecords records = set.Read();

        Assert.Equal([2L, 4L], records.Images[0].Objects.Select(o => o.AnnotationId));
        Assert.Contains("2 annotations were dropped", Assert.Single(records.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_OfAbsentImagesAreWarnedAboutWithBothCounts()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Object(1).Object(5).Object(6);

        Assert.Contains("2 of 3 annotations", Assert.Single(set.Read().Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("annotation 1 occurs twice")]
    [InlineData("annotation 1 has no box")]
    [InlineData("category id 5")]
    [InlineData("'ignore'")]
    public void File_ThatBreaksTheRulesIsRefusedWithTheAnnotationsId(string problem)
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false);
        _ = problem switch
        {
            "annotation 1 occurs twice" => set.Object(1, id: 1).Object(1, id: 1),
            "annotation 1 has no box" => set.Object(1, box: []),
            "category id 5" => set.Object(1, category: 5),
            _ => set.Object(1, ignore: 1),
        };

        var e = Assert.Throws<DatasetException>(set.Read);

        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.Contains("annotation 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("annotations.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CocoName_OverOtherClassesIsRefusedWithBothListsAndTheRemedy()
    {
        using var set = new SmallSet { Name = "coco_2017_train", HasCocoClasses = true };
        set.Image(1, writeFile: false).Object(1);

        var e = Assert.Throws<DatasetException>(set.Read);

        Assert.Contains("person", e.Message, StringComparison.Ordinal);
        Assert.Contains("cat, dog", e.Message, StringComparison.Ordinal);
        Assert.Contains("--register-datasets", e.Message, StringComparison.Ordinal);
    }

    // The first eight names of both lists are the same.
    [Fact]
    public void ClassesThatPartLate_AreToldApart()
    {
        using var set = new SmallSet { Name = "coco_2017_train", HasCocoClasses = true };
        set.Categories.Clear();
        set.Categories.AddRange(CocoClasses.All.Select(c => (c.Id, c.Id == 58 ? "sausage" : c.Name)));
        set.Image(1, writeFile: false).Object(1);

        var e = Assert.Throws<DatasetException>(set.Read);

        Assert.Contains(
            "class 53 is sausage (id 58), expected hot dog (id 58)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectsWithoutAShape_AreWarnedAboutInMaskTrainingOnly()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Object(1).Object(1, shape: new[] { Square });
        CocoRecords records = set.Read();
        DetectionDataSettings settings = new() { MaskOn = true, MaskFormat = MaskFormat.Bitmask };

        string warning = Assert.Single(TrainingSet.Assemble([records], settings).Warnings);

        Assert.StartsWith("1 objects have no shape", warning);
        Assert.Empty(TrainingSet.Assemble([records], settings with { MaskOn = false }).Warnings);
    }

    // E-94: COCO's minival files repeat some.
    [Fact]
    public void RepeatedAnnotationIds_AreTakenWhereThePathSaysMinival()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Object(1, id: 1).Object(1, id: 1);
        Assert.Throws<DatasetException>(set.Read);
        string file = Path.Combine(set.Folder, "instances_minival.json");
        File.Copy(Path.Combine(set.Folder, "annotations.json"), file);

        var records = CocoRecords.Load(new RegisteredDataset("mine", set.Folder, file, false));

        Assert.Equal([1L, 1], records.Images[0].Objects.Select(o => o.AnnotationId));
    }

    [Fact]
    public void ClassCount_ThatDiffersFromTheModelsIsRefusedWithTheKey()
    {
        using var set = new SmallSet();
        CocoRecords records = set.Image(1, writeFile: false).Object(1).Read();

        records.RequireClassCount(2, "MODEL.FCOS.NUM_CLASSES");
        var e = Assert.Throws<DatasetException>(() => records.RequireClassCount(80, "MODEL.FCOS.NUM_CLASSES"));

        Assert.Contains("Set MODEL.FCOS.NUM_CLASSES to 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnnotationFile_ThatIsMissingIsNamedWithTheVariableToSet()
    {
        var e = Assert.Throws<DatasetException>(
            () => CocoRecords.Load(new RegisteredDataset("x", "images", "nowhere/x.json", false)));

        Assert.Contains("nowhere/x.json", e.Message, StringComparison.Ordinal);
        Assert.Contains("DETECTRON2_DATASETS", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingSet_LeavesOutImagesWithoutObjectsWhenAsked()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Image(2, writeFile: false).Image(3, writeFile: false);
        set.Object(1).Object(2, crowd: 1);
        CocoRecords records = set.Read();

        TrainingSet filtered = TrainingSet.Assemble([records, records], new() { FilterEmpty = true });
        TrainingSet whole = TrainingSet.Assemble([records], new() { FilterEmpty = false });

        Assert.Equal([1L, 1L], filtered.Images.Select(i => i.ImageId));
        Assert.Contains("Removed 4 images", Assert.Single(filtered.Messages), StringComparison.Ordinal);
        Assert.Equal(3, whole.Images.Count);
    }

    [Fact]
    public void TrainingSet_RefusesWhatCannotBeTrainedOn()
    {
        using var crowds = new SmallSet();
        using var other = new SmallSet();
        other.Categories[1] = (2, "horse");
        CocoRecords onlyCrowds = crowds.Image(1, writeFile: false).Object(1, crowd: 1).Read();
        CocoRecords horses = other.Image(1, writeFile: false).Object(1).Read();

        Assert.Contains("No image", Message([onlyCrowds]), StringComparison.Ordinal);
        Assert.Contains("differ", Message([horses, onlyCrowds]), StringComparison.Ordinal);
        Assert.Contains("names no data set", Message([]), StringComparison.Ordinal);

        static string Message(CocoRecords[] parts) =>
            Assert.Throws<DatasetException>(() => TrainingSet.Assemble(parts, new())).Message;
    }

    [Fact]
    public void TrainingSet_RefusesRunLengthMasksWhenPolygonsAreAskedFor()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Object(1, shape: new { size = new[] { 30, 40 }, counts = new[] { 0, 1200 } });
        CocoRecords records = set.Read();

        var e = Assert.Throws<DatasetException>(() => TrainingSet.Assemble([records], new() { MaskOn = true }));

        Assert.Contains("INPUT.MASK_FORMAT to 'bitmask'", e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(TrainingSet.Assemble(
            [records], new() { MaskOn = true, MaskFormat = MaskFormat.Bitmask }).Images);
    }

    [Fact]
    public void InstanceTable_CountsObjectsWithoutCrowdsAndEndsWithTheTotal()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false).Object(1).Object(1).Object(1, category: 2).Object(1, category: 2, crowd: 1);
        CocoRecords records = set.Read();

        string[] lines = InstanceTable.Format(records.Images, records.ClassNames).Split('\n');

        Assert.Equal("cat          2   dog          1", lines[0]);
        Assert.Equal("total        3", lines[1]);
    }
}
