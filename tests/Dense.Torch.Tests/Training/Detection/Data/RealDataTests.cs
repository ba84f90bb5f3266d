using Dense.Detection;
using Dense.Training.Detection.Data;

namespace Dense.Torch.Tests.Training.Detection.Data;

/// <summary>Small real data sets that may lie beside the repository (<c>../shared/data</c>).</summary>
public class RealDataTests
{
    private const int Quick = 6;

    private static string Root => Path.GetFullPath(RepositoryRoot.Combine("..", "shared", "data"));

    [Theory]
    [InlineData("coco/annotations/instances_train2017.json", "coco/train2017", 80, 13, 73)]
    [InlineData("coco/annotations/instances_val2017.json", "coco/val2017", 80, 20, 109)]
    [InlineData("bccd/annotations/instances_train.json", "bccd/train", 3, 205, 2804)]
    [InlineData("nuclei/annotations/instances_val.json", "nuclei/val", 1, 83, 2795)]
    public void DataSet_LoadsAndTrainsWithBoxesAndMasks(
        string annotations, string folder, int classes, int images, int objects)
    {
        CocoRecords records = Read(annotations, folder);

        Assert.Equal(images, records.Images.Count);
        Assert.Equal(classes, records.ClassNames.Count);
        Assert.Equal(objects, InstanceTable.Count(records.Images, classes).Sum());
        Assert.Empty(records.Warnings);
        Check(records, Quick);
    }

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("coco/annotations/instances_train2017.json", "coco/train2017")]
    [InlineData("coco/annotations/instances_val2017.json", "coco/val2017")]
    [InlineData("bccd/annotations/instances_train.json", "bccd/train")]
    [InlineData("bccd/annotations/instances_val.json", "bccd/val")]
    [InlineData("nuclei/annotations/instances_train.json", "nuclei/train")]
    [InlineData("nuclei/annotations/instances_val.json", "nuclei/val")]
    public void EveryImage_OfADataSetLoads(string annotations, string folder)
    {
        CocoRecords records = Read(annotations, folder);

        Check(records, records.Images.Count);
    }

    // Every object of every image keeps a box and a mask that agree.
    private static void Check(CocoRecords records, int count)
    {
        DetectionDataSettings settings = new()
        {
            MinSizeTrain = [320],
            MaxSizeTrain = 500,
            MaskOn = true,
            MaskFormat = MaskFormat.Bitmask,
            BatchSizePerProcess = 1,
            NumWorkers = 2,
            AspectRatioGrouping = false,
        };
        TrainingSet set = TrainingSet.Assemble([records], settings);
        using DetectionLoader loader = DetectionLoader.Train(set.Images, settings);
        for (int i = 0; i < Math.Min(count, set.Images.Count); i++)
        {
            InputImage image = Assert.Single(loader.Next()!.Images);
            GroundTruth truth = image.GroundTruth!;
            Assert.NotEqual(0, truth.Count);
            Assert.Equal((truth.Count, 4 * truth.Count), (truth.Masks!.Count, truth.Boxes.Length));
            Assert.InRange(Math.Min(image.Height, image.Width), 1, 320);
            for (int n = 0; n < truth.Count; n++)
            {
                ReadOnlySpan<float> box = truth.Boxes.AsSpan(4 * n, 4);
                Assert.InRange(truth.Masks[n].CentreX, box[0] - 1, box[2] + 1);
                Assert.InRange(truth.Masks[n].CentreY, box[1] - 1, box[3] + 1);
            }
        }
    }

    private static CocoRecords Read(string annotations, string folder)
    {
        string file = Path.Combine(Root, annotations);
        Assert.SkipUnless(File.Exists(file), $"{file} is not there.");
        return CocoRecords.Load(new RegisteredDataset("real_coco", Path.Combine(Root, folder), file, false));
    }
}
