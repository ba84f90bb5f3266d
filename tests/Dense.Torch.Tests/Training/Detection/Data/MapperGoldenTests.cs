using System.Text.Json;
using Dense.Coco;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Detection.Masks;
using Dense.Imaging;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Mapping;

namespace Dense.Torch.Tests.Training.Detection.Data;

[Trait("Category", "Golden")]
public class MapperGoldenTests
{
    private const float BoxTolerance = 1e-4f;
    private const string Facts = "mapper/facts.json";

    public static TheoryData<int> Cases => Pieces.Entries(Facts, f => f.GetProperty("cases"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void TrainingImage_EqualsTheReferences(int number)
    {
        JsonElement c = Pieces.Json(Facts).GetProperty("cases")[number];
        bool hasMasks = c.TryGetProperty("masks", out JsonElement masks);
        using var mapper = new DetectionMapper(SettingsOf(c, hasMasks));
        ImageRecord record = Read().Images.Single(i => i.ImageId == c.GetProperty("image_id").GetInt64());

        InputImage image = mapper.ForTraining(record, PositionWithFlip(c, record));

        int[] shape = [image.Pixels.Length / image.Height / image.Width, image.Height, image.Width];
        Assert.Equal(c.GetProperty("image_tensor_shape").Integers(), shape);
        Assert.Equal(c.GetProperty("image_channel_sums").Integers(), ChannelSums(image));
        Assert.Equal(c.GetProperty("classes").Integers(), image.GroundTruth!.Classes);
        AssertBoxes(c.GetProperty("boxes"), image, record, c.GetProperty("flip").GetBoolean());
        Assert.Equal(hasMasks, image.GroundTruth.Masks is not null);
        if (hasMasks)
            AssertMasks(masks, image, record, c.GetProperty("flip").GetBoolean());
        if (c.TryGetProperty("image_file", out JsonElement file))
            Assert.Equal(Pieces.Planes(Pieces.Image("mapper/" + file.GetString()), reversed: false), image.Pixels);
    }

    [Fact]
    public void EvaluationImage_EqualsTheReferences()
    {
        JsonElement expected = Pieces.Json(Facts).GetProperty("test_time");
        int[] shape = expected.GetProperty("image_tensor_shape").Integers();
        using var mapper = new DetectionMapper(
            new() { MinSizeTest = 90, MaxSizeTest = 150, ChannelOrder = ChannelOrder.Rgb });

        InputImage image = mapper.ForEvaluation(Read().Images[0]);

        Assert.Equal([3, image.Height, image.Width], shape);
        Assert.Equal(expected.GetProperty("image_channel_sums").Integers(), ChannelSums(image));
        Assert.Equal(expected.GetProperty("height").GetInt32(), image.OriginalHeight);
        Assert.Equal(expected.GetProperty("width").GetInt32(), image.OriginalWidth);
        Assert.Null(image.GroundTruth);
    }

    [Fact]
    public void Records_EqualTheReferences()
    {
        JsonElement facts = Pieces.Json(Facts);
        CocoRecords records = Read();
        TrainingSet training = TrainingSet.Assemble([records], new() { FilterEmpty = true });

        Assert.Equal(facts.GetProperty("image_order").Integers(), records.Images.Select(i => (int)i.ImageId));
        Assert.Equal(
            facts.GetProperty("annotations_per_image").EnumerateObject().Select(p => (p.Name, p.Value.GetInt32())),
            records.Images.Select(i => (i.ImageId.ToString(), i.ObjectCount)));
        Assert.Equal(
            facts.GetProperty("category_map").EnumerateObject().Select(p => (long.Parse(p.Name), p.Value.GetInt32())),
            records.Categories.Categories.Select((c, i) => (c.Id, i)));
        Assert.Equal(
            facts.GetProperty("image_ids_after_removing_images_without_usable_annotations").Integers(),
            training.Images.Select(i => (int)i.ImageId));
    }

    private static CocoRecords Read() => CocoRecords.Load(new RegisteredDataset(
        "golden", Golden.Require(Pieces.Folder, "mapper"),
        Golden.Require(Pieces.Folder, "mapper/instances.json"), false));

    private static DetectionDataSettings SettingsOf(JsonElement c, bool hasMasks) => new()
    {
        MinSizeTrain = [c.GetProperty("short_edge").GetInt32()],
        MaxSizeTrain = c.GetProperty("max_size").GetInt32(),
        Flip = c.GetProperty("flip").GetBoolean(),
        ChannelOrder = c.GetProperty("channel_order").GetString() == "RGB" ? ChannelOrder.Rgb : ChannelOrder.Bgr,
        MaskOn = hasMasks,
        MaskFormat = MaskFormat.Bitmask,
    };

    // A position whose draw mirrors the image, when the case does.
    private static long PositionWithFlip(JsonElement c, ImageRecord record)
    {
        DetectionDataSettings settings = SettingsOf(c, hasMasks: false);
        return Enumerable.Range(0, 100).First(position =>
        {
            var random = new SampleRandom(0, 0, position, 0);
            return TransformSampler.Draw(ref random, record, 10, 10, settings).Flip == settings.Flip;
        });
    }

    private static int[] ChannelSums(InputImage image) =>
        [.. image.Pixels.Chunk(image.Height * image.Width).Select(plane => plane.Sum(v => (int)v))];

    // The full masks are gone when the image is delivered: they are made once more, and must give what was delivered.
    private static void AssertMasks(JsonElement expected, InputImage image, ImageRecord record, bool flip)
    {
        ImageTransform transform = TransformOf(record, image, flip);
        var targets = new MaskTargetBuilder(image.Height, image.Width);
        RunLengthMask[] masks = [.. Enumerable.Range(0, image.GroundTruth!.Count).Select(i => ObjectShape.Of(
            ObjectAt(record, transform, image.GroundTruth.Boxes.AsSpan(4 * i, 4)).Segmentation, transform,
            record.Height, record.Width, MaskFormat.Bitmask)!.Value.Mask)];

        Assert.Equal(
            expected.EnumerateArray().Select(m => m.GetProperty("counts").GetString()), masks.Select(m => m.ToText()));
        Assert.Equivalent(masks.Select(targets.Build).ToArray(), image.GroundTruth.Masks, strict: true);
    }

    private static ImageTransform TransformOf(ImageRecord record, InputImage image, bool flip) =>
        new(new PixelBox(0, 0, record.Width, record.Height), image.Height, image.Width, flip);

    private static void AssertBoxes(JsonElement expected, InputImage image, ImageRecord record, bool flip)
    {
        float[] boxes = image.GroundTruth!.Boxes;
        ImageTransform transform = TransformOf(record, image, flip);
        Assert.Equal(expected.GetArrayLength(), image.GroundTruth.Count);
        for (int i = 0; i < image.GroundTruth.Count; i++)
        {
            ObjectRecord o = ObjectAt(record, transform, boxes.AsSpan(4 * i, 4));
            double[] ours = [.. boxes.Skip(4 * i).Take(4)];
            double[] reference = HasWholeNumbers(o.AnnotationId) ? Truncated(o.Box, transform) : ours;
            Assert.Equal(expected[i].Doubles(), reference, (a, b) => Math.Abs(a - b) <= BoxTolerance);
        }
    }

    private static ObjectRecord ObjectAt(ImageRecord record, ImageTransform transform, ReadOnlySpan<float> xyxy)
    {
        float[] wanted = xyxy.ToArray(), mapped = new float[4];
        return record.Objects.First(o =>
        {
            transform.MapBox(o.Box, mapped);
            return !o.IsCrowd && mapped.SequenceEqual(wanted);
        });
    }

    // The reference cuts coordinates of boxes without a decimal point to integers after resizing; ours do not (E-196).
    private static bool HasWholeNumbers(long annotationId) =>
        Pieces.Json("mapper/instances.json").GetProperty("annotations").EnumerateArray()
            .Single(a => a.GetProperty("id").GetInt64() == annotationId).GetProperty("bbox").EnumerateArray()
            .All(n => !n.GetRawText().Contains('.', StringComparison.Ordinal));

    private static double[] Truncated(BoxXywh box, ImageTransform transform)
    {
        ImageTransform resize = transform with { Flip = false };
        double[] x = [Math.Truncate(resize.MapX(box.X)), Math.Truncate(resize.MapX(box.X + box.Width))];
        double[] y = [Math.Truncate(resize.MapY(box.Y)), Math.Truncate(resize.MapY(box.Y + box.Height))];
        if (transform.Flip)
            x = [transform.Width - x[1], transform.Width - x[0]];

        return [x[0], y[0], Math.Min(x[1], transform.Width), Math.Min(y[1], transform.Height)];
    }
}
