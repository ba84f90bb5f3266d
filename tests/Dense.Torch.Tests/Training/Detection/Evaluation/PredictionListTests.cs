using System.Text.Json;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Training.Detection.Evaluation;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

[Trait("Category", "Golden")]
public class PredictionListTests
{
    // pieces/README.md.
    private const double Tolerance = 1e-5;

    private static JsonElement Golden => JsonDocument.Parse(
        File.ReadAllText(Testing.Golden.Require("detection", "pieces", "results_to_coco_json.json"))).RootElement;

    [Fact]
    public void Records_OfBoxesAreTheReferences()
    {
        JsonElement golden = Golden.GetProperty("postprocess");
        var predictions = new PredictionList();
        predictions.Add(new ImageDetections
        {
            ImageId = golden.GetProperty("coco_json")[0].GetProperty("image_id").GetInt64(),
            Height = golden.GetProperty("output_size")[0].GetInt32(),
            Width = golden.GetProperty("output_size")[1].GetInt32(),
            Boxes = [.. golden.GetProperty("boxes_out").EnumerateArray().SelectMany(b => b.EnumerateArray()).Select(
                v => v.GetSingle())],
            Scores = [.. golden.GetProperty("scores_out").EnumerateArray().Select(v => v.GetSingle())],
            Classes = [.. golden.GetProperty("classes_out").EnumerateArray().Select(v => v.GetInt32())],
        });

        AssertRecords(golden.GetProperty("coco_json"), predictions);
    }

    [Fact]
    public void Records_OfMasksAreTheReferences()
    {
        JsonElement golden = Golden.GetProperty("masks");
        int height = golden.GetProperty("height").GetInt32(), width = golden.GetProperty("width").GetInt32();
        JsonElement[] records = [.. golden.GetProperty("coco_json").EnumerateArray()];
        Func<int, int, bool>[] rules =
        [
            (y, x) => y is >= 3 and <= 8 && x is >= 4 and <= 19, (y, _) => y % 2 == 0, (_, _) => false,
        ];
        var predictions = new PredictionList();
        predictions.Add(new ImageDetections
        {
            ImageId = records[0].GetProperty("image_id").GetInt64(),
            Height = height,
            Width = width,
            Boxes = new float[4 * rules.Length],
            Scores = [.. records.Select(r => r.GetProperty("score").GetSingle())],
            Classes = [.. records.Select(r => r.GetProperty("category_id").GetInt32())],
            Masks = [.. rules.Select(rule => RunLengthMask.FromRowMajor(height, width,
                [.. Enumerable.Range(0, height * width).Select(i => (byte)(rule(i / width, i % width) ? 1 : 0))]))],
        });

        AssertRecords(golden.GetProperty("coco_json"), predictions);
        Assert.True(predictions.HasMasks);
    }

    private static void AssertRecords(JsonElement expected, PredictionList predictions)
    {
        JsonElement[] rows = [.. expected.EnumerateArray()];
        Assert.Equal(rows.Length, predictions.Records.Count);
        foreach (var (row, record) in rows.Zip(predictions.Records))
        {
            Assert.Equal(row.GetProperty("image_id").GetInt64(), record.ImageId);
            Assert.Equal(row.GetProperty("category_id").GetInt64(), record.CategoryId);
            Assert.Equal(row.GetProperty("score").GetDouble(), record.Score, Tolerance);
            double[] box = [record.Box!.Value.X, record.Box.Value.Y, record.Box.Value.Width, record.Box.Value.Height];
            Assert.All(box.Zip(row.GetProperty("bbox").EnumerateArray()), p => Assert.Equal(
                p.Second.GetDouble(), p.First, Tolerance));
            if (row.TryGetProperty("segmentation", out JsonElement mask))
            {
                Assert.Equal(mask.GetProperty("counts").GetString(), record.Segmentation.RunLengthText());
                Assert.Equal((mask.GetProperty("size")[0].GetInt32(), mask.GetProperty("size")[1].GetInt32()),
                    record.Segmentation.RunLengthSize());
            }
        }
    }
}
