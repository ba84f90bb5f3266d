using Dense.Coco;
using Dense.Detection;
using Dense.Imaging;
using Dense.Training.Data;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Mapping;

namespace Dense.Torch.Tests.Training.Detection.Data;

public class MapperTests
{
    private static readonly DetectionDataSettings Plain = new() { MinSizeTrain = [0], Flip = false };

    // The example of E-113.
    [Fact]
    public void Box_IsRoundedToFloatBeforeAndAfterItIsMapped()
    {
        var transform = new ImageTransform(new PixelBox(0, 0, 640, 480), 800, 1067, Flip: true);
        float[] box = new float[4];

        transform.MapBox(new BoxXywh(473.07, 395.93, 38.65, 28.67), box);

        Assert.Equal([213.86680603f, 659.88330078f, 278.30358887f, 707.66668701f], box);
    }

    // E-196: the reference cuts these to integers.
    [Fact]
    public void Box_OfWholeNumbersKeepsItsFractions()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, box: [10, 11, 7, 5]);
        using var mapper = new DetectionMapper(Plain with { MinSizeTrain = [45] });

        float[] boxes = mapper.ForTraining(set.Read().Images[0], 0).GroundTruth!.Boxes;

        Assert.Equal([15, 16.5f, 25.5f, 24], boxes);
    }

    [Fact]
    public void Objects_ThatAreCrowdsOrThinAreLeftOutAndTheImageStays()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, crowd: 1).Object(1, box: [3, 3, 0, 9]).Object(1, box: [50, 3, 9, 9]);
        using var mapper = new DetectionMapper(Plain);

        InputImage image = mapper.ForTraining(set.Read().Images[0], 0);

        Assert.Equal(0, image.GroundTruth!.Count);
        Assert.Empty(image.GroundTruth.Boxes);
        Assert.Null(image.GroundTruth.Masks);
        Assert.Equal((30, 40, 3 * 30 * 40), (image.Height, image.Width, image.Pixels.Length));
    }

    [Fact]
    public void Objects_WithoutAShapeAreLeftOutOfMaskTraining()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1).Object(1, category: 2, shape: new[] { new double[] { 2, 2, 12, 2, 12, 12 } });
        using var mapper = new DetectionMapper(Plain with { MaskOn = true });

        GroundTruth truth = mapper.ForTraining(set.Read().Images[0], 0).GroundTruth!;

        Assert.Equal([1], truth.Classes);
        Assert.Single(truth.Masks!);
    }

    [Fact]
    public void Mask_OfAnotherSizeThanItsImageIsRefusedWithTheFilesName()
    {
        using var set = new SmallSet();
        set.Image(1).Object(1, shape: new { size = new[] { 10, 10 }, counts = new[] { 0, 100 } });
        using var mapper = new DetectionMapper(Plain with { MaskOn = true, MaskFormat = MaskFormat.Bitmask });

        var e = Assert.Throws<DatasetException>(() => mapper.ForTraining(set.Read().Images[0], 0));

        Assert.Contains("1.png", e.Message, StringComparison.Ordinal);
        Assert.Contains("10x10", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_OfAnotherSizeThanAnnotatedIsRefusedWithBothSizes()
    {
        using var set = new SmallSet();
        set.Image(1, width: 40, height: 30);
        set.Overwrite(1, SmallSet.Png(1, 30, 40));
        ImageRecord record = set.Read().Images[0];
        using var strict = new DetectionMapper(Plain with { MinSizeTest = 0 });
        using var tolerant = new DetectionMapper(Plain with { MinSizeTest = 0, TransposeSwapped = true });

        var e = Assert.Throws<DatasetException>(() => strict.ForEvaluation(record));
        InputImage transposed = tolerant.ForEvaluation(record);

        Assert.Contains("30x40", e.Message, StringComparison.Ordinal);
        Assert.Contains("40x30", e.Message, StringComparison.Ordinal);
        Assert.Contains("--transpose-swapped", e.Message, StringComparison.Ordinal);
        Assert.Contains("EXIF orientation 1", e.Message, StringComparison.Ordinal);
        Assert.Equal((30, 40), (transposed.Height, transposed.Width));
    }

    [Fact]
    public void ExifOrientation_IsIgnoredWhenAsked()
    {
        string file = Golden.Require(Pieces.Folder, "image_reading/exif_orientation_6.jpg");
        using var folder = new TempFolder();
        string json = folder.Write("a.json", $$"""{"images":[{"id":1,"file_name":"{{file}}"}],"categories":[]}""");
        ImageRecord record = CocoRecords.Load(new("a", folder.Path, json, false)).Images[0];
        using var upright = new DetectionMapper(Plain);
        using var asStored = new DetectionMapper(Plain with { ApplyExifOrientation = false });

        InputImage turned = upright.ForEvaluation(record), stored = asStored.ForEvaluation(record);

        Assert.Equal((turned.OriginalHeight, turned.OriginalWidth), (stored.OriginalWidth, stored.OriginalHeight));
    }

    [Fact]
    public void SizeMismatch_OfATurnedImageNamesItsOrientation()
    {
        string file = Golden.Require(Pieces.Folder, "image_reading/exif_orientation_6.jpg");
        using var folder = new TempFolder();
        string json = folder.Write(
            "a.json", $$"""{"images":[{"id":1,"file_name":"{{file}}","width":24,"height":16}],"categories":[]}""");
        ImageRecord record = CocoRecords.Load(new("a", folder.Path, json, false)).Images[0];
        using var mapper = new DetectionMapper(Plain);

        var e = Assert.Throws<DatasetException>(() => mapper.ForEvaluation(record));

        Assert.Contains("EXIF orientation 6", e.Message, StringComparison.Ordinal);
        Assert.Contains("--exif ignore", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedFile_IsNamedHoweverShortItIs()
    {
        using var set = new SmallSet();
        ImageRecord record = set.Image(1).Read().Images[0];
        byte[] whole = File.ReadAllBytes(record.FileName);
        using var mapper = new DetectionMapper(Plain);

        for (int length = 0; length < whole.Length - 64; length += 97)
        {
            set.Overwrite(1, whole[..length]);
            var e = Assert.Throws<DatasetException>(() => mapper.ForEvaluation(record));
            Assert.Contains("1.png", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Category", "Peer")]
    public void Resize_EqualsPillowForRandomSizes()
    {
        Assert.SkipUnless(Python.IsInstalled, "Python is not installed.");
        using var set = new SmallSet();
        var random = new SampleRandom(9, 0, 0, 0);
        for (int id = 1; id <= 30; id++)
            set.Image(id, 1 + random.NextInteger(900), 1 + random.NextInteger(700));

        DetectionDataSettings settings = new() { ChannelOrder = ChannelOrder.Rgb };
        using var mapper = new DetectionMapper(settings);
        foreach (ImageRecord record in set.Read().Images)
        {
            InputImage image = mapper.ForEvaluation(record);
            string expected = Python.Run(
                """
                import sys, hashlib, numpy
                from PIL import Image
                image = Image.open(sys.argv[1]).resize((int(sys.argv[2]), int(sys.argv[3])), Image.BILINEAR)
                print(hashlib.sha256(numpy.asarray(image).transpose(2, 0, 1).tobytes()).hexdigest().upper())
                """,
                record.FileName, $"{image.Width}", $"{image.Height}");
            Assert.Equal(expected, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(image.Pixels)));
        }
    }

    [Fact]
    public void MissingFile_IsNamed()
    {
        using var set = new SmallSet();
        set.Image(1, writeFile: false);
        using var mapper = new DetectionMapper(Plain);

        var e = Assert.Throws<DatasetException>(() => mapper.ForEvaluation(set.Read().Images[0]));

        Assert.Contains("1.png", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SizeSampling.Choice, new[] { 20, 24, 28 }, new[] { 20, 24, 28 })]
    [InlineData(SizeSampling.Range, new[] { 20, 24 }, new[] { 20, 21, 22, 23, 24 })]
    public void ShortSides_AreDrawnFromAllThatIsAllowed(SizeSampling sampling, int[] sizes, int[] expected)
    {
        using var set = new SmallSet();
        ImageRecord record = set.Image(1).Read().Images[0];
        DetectionDataSettings settings = new() { MinSizeTrain = sizes, Sampling = sampling };

        ImageTransform[] drawn = [.. Enumerable.Range(0, 400).Select(position =>
        {
            var random = new SampleRandom(3, 0, position, 0);
            return TransformSampler.Draw(ref random, record, 30, 40, settings);
        })];

        Assert.Equal(expected, drawn.Select(t => t.Height).Distinct().Order());
        Assert.InRange(drawn.Count(t => t.Flip), 160, 240);
    }

    [Fact]
    public void Mirror_TurnsPixelsBoxesAndMasksTogether()
    {
        using var set = new SmallSet();
        var shape = new { size = new[] { 30, 40 }, counts = new[] { 60, 30, 1110 } };
        set.Image(1).Object(1, box: [2, 3, 10, 9], shape: shape);
        ImageRecord record = set.Read().Images[0];
        DetectionDataSettings settings = Plain with { MaskOn = true, MaskFormat = MaskFormat.Bitmask };
        using var mapper = new DetectionMapper(settings with { Flip = true });
        InputImage[] images = [.. Enumerable.Range(0, 20).Select(p => mapper.ForTraining(record, p))];
        int flipped = Array.FindIndex(images, i => i.GroundTruth!.Boxes[0] != 2);
        int plain = Array.FindIndex(images, i => i.GroundTruth!.Boxes[0] == 2);

        Assert.Equal([28, 3, 38, 12], images[flipped].GroundTruth!.Boxes);
        Assert.Equal(
            images[plain].Pixels.Chunk(40).Select(r => r.Reverse().ToArray()), images[flipped].Pixels.Chunk(40));
        Assert.Equal(2, images[plain].GroundTruth!.Masks!.Single().CentreX);
        Assert.Equal(37, images[flipped].GroundTruth!.Masks!.Single().CentreX);
    }
}
