using System.Text.Json;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Data.Mapping;

namespace Dense.Bench;

/// <summary>
/// Making a detector's input on one core (decode, resize to 800×1333, mirror), against Pillow and numpy on the same
/// files; and the same with objects and their masks, which the peer leaves out.
/// </summary>
internal static class DetectionMapperBench
{
    private const int Rounds = 5;
    private const int ImagesPerRound = 60;

    // COCO has 7.3 objects an image, most of their polygons have 10 to 40 points.
    private const int ObjectsPerImage = 7;
    private const int PointsPerPolygon = 20;

    public static IEnumerable<BenchResult> Run()
    {
        using var folder = BenchImages.Open();
        IReadOnlyList<ImageRecord> images = Annotate(folder.Path);
        int passes = Math.Max(1, ImagesPerRound / images.Count);
        using var boxes = new DetectionMapper(new DetectionDataSettings());
        using var masks = new DetectionMapper(
            new DetectionDataSettings { MaskOn = true, MaskFormat = MaskFormat.Bitmask });
        List<double> withBoxes = [], withMasks = [], peer = [];
        Measure(boxes, images, 1);
        Measure(masks, images, 1);
        for (int round = 0; round < Rounds; round++)
        {
            withBoxes.Add(Measure(boxes, images, passes));
            if (Peer.Figures("detection_mapper.py", folder.Path, $"{passes}") is { } measured)
                peer.Add(measured["total"]);
            withMasks.Add(Measure(masks, images, passes));
        }

        string conditions = $"{images.Count} JPEGs to 800×1333, {ObjectsPerImage} objects each, one thread, CPU time, "
            + $"median of {Rounds} alternating rounds";
        yield return Row("detector input with boxes", Median(withBoxes), peer, conditions);
        yield return Row("detector input with masks", Median(withMasks), [], conditions);
    }

    private static double Measure(DetectionMapper mapper, IReadOnlyList<ImageRecord> images, int passes) =>
        CpuClock.Seconds(() =>
        {
            for (int pass = 0; pass < passes; pass++)
            {
                for (int i = 0; i < images.Count; i++)
                    mapper.ForTraining(images[i], i);
            }
        }) / (passes * images.Count);

    private static BenchResult Row(string what, double own, List<double> peer, string conditions) => new(
        what,
        Figure(own),
        peer.Count == 0 ? "" : $"Pillow and numpy, no objects {Figure(Median(peer))}",
        peer.Count == 0 ? "" : $"{Median(peer) / own:F1}x",
        conditions);

    private static string Figure(double seconds) => $"{seconds * 1000:F1} ms, {1 / seconds:F0}/s";

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static IReadOnlyList<ImageRecord> Annotate(string folder)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal)];
        string json = Path.Combine(Path.GetTempPath(), $"densecl-bench-{Guid.NewGuid():N}.json");
        File.WriteAllText(json, JsonSerializer.Serialize(new
        {
            images = files.Select((f, i) => new { id = i, file_name = f }),
            categories = new[] { new { id = 1, name = "thing" } },
            annotations = files.SelectMany((_, i) => Enumerable.Range(0, ObjectsPerImage).Select(k => Object(i, k))),
        }));
        try
        {
            return CocoRecords.Load(new RegisteredDataset("bench", folder, json, false)).Images;
        }
        finally
        {
            File.Delete(json);
        }
    }

    private static object Object(int image, int number)
    {
        double x = 20 + (40 * number), y = 30 + (15 * number), size = 40 + (20 * number);
        double[] polygon = [.. Enumerable.Range(0, PointsPerPolygon).SelectMany(p =>
        {
            double angle = 2 * Math.PI * p / PointsPerPolygon;
            return new[] { x + (size * (1 + Math.Cos(angle)) / 2), y + (size * (1 + Math.Sin(angle)) / 2) };
        })];
        return new
        {
            id = (image * ObjectsPerImage) + number + 1,
            image_id = image,
            category_id = 1,
            iscrowd = 0,
            bbox = new[] { x, y, size, size },
            segmentation = new[] { polygon },
        };
    }
}
