using System.Text.Json;
using Dense.Coco.Annotations;
using Dense.Training.Detection.Data;

namespace Dense.Bench;

/// <summary>
/// Reading an annotation file of the size of COCO's train2017: 118,287 images, 860,001 annotations with polygons.
/// </summary>
internal static class CocoReaderBench
{
    private const int Images = 118_287;
    private const int Annotations = 860_001;

    public static IEnumerable<BenchResult> Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl-bench-");
        try
        {
            string path = Path.Combine(folder.FullName, "train.json");
            Write(path);
            long heapBefore = GC.GetTotalMemory(forceFullCollection: true);
            CocoDataset? dataset = null;
            double seconds = CpuClock.Seconds(() => dataset = CocoDataset.Load(path));
            long heap = GC.GetTotalMemory(forceFullCollection: true) - heapBefore;
            double recordSeconds = CpuClock.Seconds(
                () => TrainingSet.Assemble([CocoRecords.Load(new("bench", folder.FullName, path, false))], new()));
            double megabytes = new FileInfo(path).Length / 1e6;
            string conditions =
                $"{dataset!.Annotations.Count} annotations, {megabytes:F0} MB file, one thread, CPU time, once";
            return
            [
                new BenchResult(
                    "read an annotation file", $"{seconds:F1} s, {megabytes / seconds:F0} MB/s", "", "", conditions),
                new BenchResult("read a training set", $"{recordSeconds:F1} s", "", "", conditions),
                new BenchResult("its memory", $"{heap / 1e6:F0} MB held", "", "", conditions),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The lengths of COCO's polygons: most have 20 to 80 numbers with two decimals.
    private static void Write(string path)
    {
        var random = new Random(1);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("images");
        for (int i = 1; i <= Images; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("license", 3);
            json.WriteString("file_name", $"{i:D12}.jpg");
            json.WriteString("coco_url", $"http://images.example.org/train2017/{i:D12}.jpg");
            json.WriteNumber("height", 480);
            json.WriteNumber("width", 640);
            json.WriteString("date_captured", "2013-11-14 11:18:45");
            json.WriteNumber("id", i);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations");
        for (int i = 1; i <= Annotations; i++)
        {
            WriteAnnotation(json, random, i);
            if (json.BytesPending > 1 << 16)
                json.Flush();
        }

        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (int i = 1; i <= 80; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i);
            json.WriteString("name", $"class {i}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, Random random, int id)
    {
        double x = random.Next(0, 50_000), y = random.Next(0, 40_000), size = random.Next(500, 8000);
        json.WriteStartObject();
        json.WriteStartArray("segmentation");
        json.WriteStartArray();
        for (int points = random.Next(8, 44), p = 0; p < points; p++)
        {
            double angle = 2 * Math.PI * p / points;
            json.WriteNumberValue(Math.Round(x + size * (1 + Math.Cos(angle)) / 2 + random.Next(200)) / 100);
            json.WriteNumberValue(Math.Round(y + size * (1 + Math.Sin(angle)) / 2 + random.Next(200)) / 100);
        }

        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteNumber("area", Math.Round(0.78 * size * size) / 10_000);
        json.WriteNumber("iscrowd", 0);
        json.WriteNumber("image_id", random.Next(1, Images + 1));
        json.WriteStartArray("bbox");
        foreach (double value in new[] { x / 100, y / 100, size / 100, size / 100 })
            json.WriteNumberValue(value);

        json.WriteEndArray();
        json.WriteNumber("category_id", random.Next(1, 81));
        json.WriteNumber("id", id);
        json.WriteEndObject();
    }
}
