using System.Text;
using System.Text.Json;
using Dense.Coco.Masks;

namespace Dense.Coco.Tests.Masks;

/// <summary>Masks against pycocotools, every value exact: ../shared/golden/detection/rle.</summary>
[Trait("Category", "Golden")]
public class RunLengthGoldenTests
{
    // Not static: an absent folder skips the test, which a type initialiser would turn into a failure.
    private readonly JsonElement _cases = JsonDocument
        .Parse(File.ReadAllText(Golden.Require("detection", "rle", "cases.json"))).RootElement;

    [Fact]
    public void Masks_EncodeDecodeAreaAndBoxEqualTheReference()
    {
        var stored = new GoldenArrays(Golden.Require("detection", "rle", "masks.safetensors"));
        int withPixels = 0;
        foreach (JsonElement row in _cases.GetProperty("masks").EnumerateArray())
        {
            string name = row.GetProperty("name").GetString()!;
            RunLengthMask mask = Mask(row.GetProperty("rle"));
            CheckFacts(name, row, mask);
            Assert.Equal(row.GetProperty("num_counts").GetInt32(), mask.ToCounts().Length);
            if (row.GetProperty("counts_uncompressed") is { ValueKind: JsonValueKind.Array } counts)
                Assert.Equal(counts.EnumerateArray().Select(c => c.GetUInt32()), mask.ToCounts());

            if (!row.GetProperty("stored").GetBoolean())
                continue;

            withPixels++;
            byte[] pixels = stored.Bytes("mask." + name).ToArray();
            Assert.Equal(pixels, mask.ToRowMajor());
            RunLengthMask encoded = RunLengthMask.FromRowMajor(mask.Height, mask.Width, pixels);
            Assert.Equal(mask.ToText(), encoded.ToText());
            Assert.Equal(
                mask.ToText(), RunLengthMask.FromColumnMajor(mask.Height, mask.Width, mask.ToColumnMajor()).ToText());
        }

        Assert.Equal(stored.Names.Count, withPixels);
    }

    [Fact]
    public void Pairs_IouEqualsTheReference()
    {
        Dictionary<string, RunLengthMask> masks = _cases.GetProperty("masks").EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => Mask(m.GetProperty("rle")));
        foreach (JsonElement pair in _cases.GetProperty("pairs").EnumerateArray())
        {
            bool[] crowds = [.. pair.GetProperty("iscrowd").EnumerateArray().Select(c => c.GetInt32() != 0)];
            if (pair.GetProperty("kind").GetString() == "box_xywh")
            {
                BoxXywh[] rows = [.. pair.GetProperty("detections").EnumerateArray().Select(Box)];
                BoxXywh[] columns = [.. pair.GetProperty("ground_truth").EnumerateArray().Select(Box)];
                CheckMatrix(pair, (d, g) => BoxXywh.Iou(rows[d], columns[g], crowds[g]));
            }
            else
            {
                RunLengthMask[] named =
                    [.. pair.GetProperty("names").EnumerateArray().Select(n => masks[n.GetString()!])];
                CheckMatrix(pair, (d, g) => RunLengthMask.Iou(named[d], named[g], crowds[g]));
            }
        }
    }

    [Fact]
    public void Merges_EqualTheReference()
    {
        Dictionary<string, RunLengthMask> masks = _cases.GetProperty("masks").EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => Mask(m.GetProperty("rle")));
        foreach (JsonElement row in _cases.GetProperty("merges").EnumerateArray())
        {
            RunLengthMask[] inputs = [.. row.GetProperty("names").EnumerateArray().Select(n => masks[n.GetString()!])];

            RunLengthMask merged = row.GetProperty("intersect").GetBoolean()
                ? RunLengthMask.Intersection(inputs)
                : RunLengthMask.Union(inputs);

            Assert.Equal(Text(row.GetProperty("rle")), merged.ToText());
            Assert.Equal(row.GetProperty("area").GetInt64(), merged.Area);
        }
    }

    [Fact]
    public void UncompressedCounts_EqualTheReference()
    {
        foreach (JsonElement row in _cases.GetProperty("uncompressed").EnumerateArray())
        {
            string name = row.GetProperty("name").GetString()!;
            uint[] counts = [.. row.GetProperty("counts").EnumerateArray().Select(c => c.GetUInt32())];
            int height = row.GetProperty("height").GetInt32(), width = row.GetProperty("width").GetInt32();

            RunLengthMask mask = RunLengthMask.FromCounts(height, width, counts);

            CheckFacts(name, row, mask);
            Assert.Equal(counts, mask.ToCounts());
            if (row.GetProperty("decoded_column_major") is { ValueKind: JsonValueKind.Array } pixels)
                Assert.Equal(pixels.EnumerateArray().Select(p => p.GetByte()), mask.ToColumnMajor());

            RunLengthMask again = RunLengthMask.FromColumnMajor(height, width, mask.ToColumnMajor());
            Assert.Equal(Text(row.GetProperty("reencoded")), again.ToText());
        }
    }

    [Fact]
    public void Boxes_EqualTheReference()
    {
        foreach (JsonElement row in _cases.GetProperty("boxes").EnumerateArray())
        {
            RunLengthMask mask = RunLengthMask.FromBox(
                row.GetProperty("height").GetInt32(), row.GetProperty("width").GetInt32(), Box(
                    row.GetProperty("bbox_xywh")));

            Assert.Equal(Text(row.GetProperty("rle")), mask.ToText());
            Assert.Equal(row.GetProperty("area").GetInt64(), mask.Area);
            Assert.Equal(row.GetProperty("decoded_rows").EnumerateArray().Select(r => r.GetString()), Rows(mask));
        }
    }

    [Fact]
    public void Polygons_EqualTheReference()
    {
        foreach (JsonElement row in _cases.GetProperty("polygons").EnumerateArray())
        {
            string name = row.GetProperty("name").GetString()!;
            int height = row.GetProperty("height").GetInt32(), width = row.GetProperty("width").GetInt32();
            double[][] polygons =
            [
                .. row.GetProperty("polygons").EnumerateArray()
                    .Select(p => p.EnumerateArray().Select(v => v.GetDouble()).ToArray()),
            ];

            if (row.TryGetProperty("raises", out _))
            {
                Assert.Throws<CocoFormatException>(() => RunLengthMask.FromPolygons(height, width, polygons));
                continue;
            }

            Assert.All(row.GetProperty("per_polygon").EnumerateArray().Zip(polygons), pair =>
                CheckFacts(name, pair.First, RunLengthMask.FromPolygons(height, width, [pair.Second])));

            RunLengthMask merged = RunLengthMask.FromPolygons(height, width, polygons);
            Assert.True(Text(row.GetProperty("merged")) == merged.ToText(), name);
            Assert.Equal(row.GetProperty("area").GetInt64(), merged.Area);
            Assert.Equal(Box(row.GetProperty("bbox_xywh")), merged.TightBox);
            if (row.TryGetProperty("rows", out JsonElement rows) && rows.ValueKind == JsonValueKind.Array)
                Assert.Equal(rows.EnumerateArray().Select(r => r.GetString()), Rows(merged));
        }
    }

    private static void CheckFacts(string name, JsonElement row, RunLengthMask mask)
    {
        Assert.True(Text(row.GetProperty("rle")) == mask.ToText(), name);
        Assert.Equal(row.GetProperty("area").GetInt64(), mask.Area);
        Assert.Equal(Box(row.GetProperty("bbox_xywh")), mask.TightBox);
    }

    private static void CheckMatrix(JsonElement pair, Func<int, int, double> iou)
    {
        int d = 0;
        foreach (JsonElement row in pair.GetProperty("iou").EnumerateArray())
        {
            int g = 0;
            foreach (JsonElement expected in row.EnumerateArray())
                Assert.Equal(expected.GetDouble(), iou(d, g++));

            d++;
        }
    }

    private static RunLengthMask Mask(JsonElement rle) =>
        RunLengthMask.Parse(rle.GetProperty("size")[0].GetInt32(), rle.GetProperty("size")[1].GetInt32(), Text(rle));

    private static string Text(JsonElement rle) => rle.GetProperty("counts").GetString()!;

    private static BoxXywh Box(JsonElement box) =>
        new(box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());

    private static IEnumerable<string> Rows(RunLengthMask mask)
    {
        byte[] pixels = mask.ToRowMajor();
        return Enumerable.Range(0, mask.Height).Select(y =>
            Encoding.ASCII.GetString(
                [.. pixels.AsSpan(y * mask.Width, mask.Width).ToArray().Select(p => (byte)('0' + p))]));
    }
}
