using System.Text.Json;
using Dense.Coco.Masks;
using Dense.Imaging;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Mapping;
using Dense.Training.Detection.Data.Sampling;

namespace Dense.Torch.Tests.Training.Detection.Data;

[Trait("Category", "Golden")]
public class PieceGoldenTests
{
    // Pixels of another JPEG decoder, mean difference (README of the golden data).
    private const double JpegTolerance = 1, SubsampledTolerance = 2;

    public static TheoryData<string> Resizes => Golden.Files(Pieces.Folder, "pillow_*x*.png");

    public static TheoryData<int> PolygonCases => Pieces.Entries("polygons_to_bitmask.json", f => f);

    public static TheoryData<int> Files => Pieces.Entries("image_reading/facts.json", f => f);

    [Fact]
    public void ShortestEdge_EqualsEveryGoldenRow()
    {
        JsonElement rows = Pieces.Json("resize_shortest_edge.json").GetProperty("rows");

        Assert.All(rows.EnumerateArray().Select(r => r.Integers()), row => Assert.Equal(
            (row[4], row[5]), ShortestEdge.Fit(row[0], row[1], row[2], row[3])));
    }

    [Theory]
    [MemberData(nameof(Resizes))]
    public void Bilinear_EqualsPillowOnEveryPixel(string file)
    {
        RgbImage source = Pieces.Image("pillow_source.png"), expected = Pieces.Image(file);
        (int height, int width) = (expected.Height, expected.Width);
        byte[] planes = new byte[3 * height * width];

        new BilinearResampler().ResizeToPlanes(
            source, PixelBox.Whole(source), width, height, planes.AsSpan(0, height * width),
            planes.AsSpan(height * width, height * width), planes.AsSpan(2 * height * width));

        Assert.Equal(Pieces.Planes(expected, reversed: false), planes);
    }

    [Fact]
    public void Nearest_EqualsPillowOnEveryPixel()
    {
        var arrays = new GoldenArrays(Golden.Require(Pieces.Folder, "nearest.safetensors"));
        RunLengthMask source = MaskOf(arrays, "mask");

        Assert.All(arrays.Names.Where(n => n != "mask"), name =>
        {
            RunLengthMask expected = MaskOf(arrays, name);
            var whole = new PixelBox(0, 0, source.Width, source.Height);
            var transform = new ImageTransform(whole, expected.Height, expected.Width, false);
            Assert.Equal(expected.ToText(), transform.MapMask(source).ToText());
        });
    }

    [Theory]
    [MemberData(nameof(PolygonCases))]
    public void Polygons_BecomeTheMaskAndTheBoxOfTheReference(int number)
    {
        JsonElement c = Pieces.Json("polygons_to_bitmask.json")[number];
        double[][] polygons = [.. c.GetProperty("polygons").EnumerateArray().Select(p => p.Doubles())];
        (int height, int width) = (c.GetProperty("height").GetInt32(), c.GetProperty("width").GetInt32());
        var identity = new ImageTransform(new PixelBox(0, 0, width, height), height, width, false);

        ObjectShape? shape = ObjectShape.Of(
            Dense.Coco.Annotations.Segmentation.FromPolygons(polygons), identity, height, width, MaskFormat.Bitmask);

        Assert.Equal(c.GetProperty("area").GetInt64(), shape?.Mask.Area ?? 0);
        double[] box = c.GetProperty("bitmask_bounding_box").Doubles();
        Assert.Equal((box[0], box[1], box[2], box[3]), shape?.Outline ?? default);
        if (shape is not null)
            Assert.Equal(c.GetProperty("rle").GetProperty("counts").GetString(), shape.Value.Mask.ToText());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Image_IsReadAsTheReferenceReadsIt(int number)
    {
        JsonElement fact = Pieces.Json("image_reading/facts.json")[number];
        string file = fact.GetProperty("file").GetString()!;
        using var set = new TempFolder();
        string image = set.Write(file, File.ReadAllBytes(Golden.Require(Pieces.Folder, "image_reading", file)));
        string json = set.Write("a.json", $$"""{"images":[{"id":1,"file_name":"{{file}}"}],"categories":[]}""");
        using var mapper = new DetectionMapper(new() { MinSizeTest = 0, ChannelOrder = ChannelOrder.Bgr });

        var read = mapper.ForEvaluation(CocoRecords.Load(new("set", set.Path, json, false)).Images[0]);

        RgbImage expected = Pieces.Image("image_reading/" + fact.GetProperty("decoded").GetString());
        Assert.Equal(image, read.FileName);
        Assert.Equal((expected.Height, expected.Width), (read.OriginalHeight, read.OriginalWidth));
        byte[] planes = Pieces.Planes(expected, reversed: true);
        double difference = planes.Zip(read.Pixels, (a, b) => Math.Abs(a - b)).Average();
        string note = fact.GetProperty("note").GetString()!;
        bool isSubsampled = note.Contains("2x", StringComparison.Ordinal);
        bool isJpeg = file.EndsWith(".jpg", StringComparison.Ordinal);
        Assert.InRange(difference, 0, !isJpeg ? 0 : isSubsampled ? SubsampledTolerance : JpegTolerance);
    }

    [Theory]
    [InlineData("batches_of_2", 2)]
    [InlineData("batches_of_4", 4)]
    public void AspectRatioGrouping_MakesTheBatchesOfTheReference(string key, int batchSize)
    {
        JsonElement golden = Pieces.Json("aspect_ratio_grouping.json");
        int[][] sizes = [.. golden.GetProperty("sequence").EnumerateArray().Select(s => s.Integers())];
        int[][] expected = [.. golden.GetProperty(key).EnumerateArray().Select(b => b.Integers())];
        using var set = new SmallSet();
        foreach (int[] size in sizes)
            set.Image(set.Read().Images.Count + 1, size[0], size[1], writeFile: false);

        var batches = new TrainingBatches(
            set.Read().Images, new() { BatchSizePerProcess = batchSize }, new InOrder());

        Assert.Equal(expected, expected.Select(_ => batches.Next().Select(r => r.Index).ToArray()));
    }

    [Fact]
    public void CocoClasses_AreThoseOfTheReference() => Assert.Equal(
        Pieces.Json("coco_categories.json").EnumerateArray().Select(
            c => (c.GetProperty("contiguous").GetInt32(), c.GetProperty("coco_id").GetInt32(),
                c.GetProperty("name").GetString()!)),
        CocoClasses.All.Select((c, i) => (i, c.Id, c.Name)));

    private static RunLengthMask MaskOf(GoldenArrays arrays, string name) => RunLengthMask.FromRowMajor(
        (int)arrays[name].Shape[0], (int)arrays[name].Shape[1], arrays.Bytes(name));

    private sealed class InOrder : IIndexStream
    {
        private int _next;

        public int Next() => _next++;
    }
}
