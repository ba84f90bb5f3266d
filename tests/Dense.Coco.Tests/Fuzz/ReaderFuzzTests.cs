using System.IO.Compression;
using System.Text;
using Dense.Coco.Annotations;
using Dense.Coco.Checks;
using Dense.Coco.Errors;
using Dense.Coco.Evaluation;
using Dense.Coco.Masks;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Fuzz;

/// <summary>Whatever the bytes: a result or the declared exception, and what was read can be worked with.</summary>
public class ReaderFuzzTests
{
    private const int Inputs = 10_000;
    private const int Seed = 20261124;

    private static readonly byte[] Annotations = Encoding.UTF8.GetBytes(SmallCase.Annotations);

    private static readonly byte[] Results = Encoding.UTF8.GetBytes(SmallCase.Results);

    [Fact]
    public void AnnotationReader_ThrowsOnlyTheDeclaredException()
    {
        DetectionList detections = SmallCase.LoadDetections();

        int read = Try(Annotations, (bytes, _) =>
        {
            var dataset = CocoDataset.Load(new MemoryStream(bytes), "mutated.json");
            Assert.True(DatasetCheck.Run(dataset).Findings.Count >= 0);
            Evaluate(dataset, detections);
        });

        Assert.InRange(read, Inputs / 100, Inputs / 2);
    }

    [Fact]
    public void ResultsReader_ThrowsOnlyTheDeclaredException()
    {
        CocoDataset dataset = SmallCase.LoadDataset();

        int read = Try(Results, (bytes, _) => Evaluate(
            dataset, DetectionList.Load(new MemoryStream(bytes), "mutated.json")));

        Assert.InRange(read, Inputs / 100, Inputs / 2);
    }

    [Fact]
    public void GzipReader_ThrowsOnlyTheDeclaredException()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Annotations);

        Try(packed.ToArray(), (bytes, _) => CocoDataset.Load(new MemoryStream(bytes), "mutated.json.gz"));
    }

    [Fact]
    public void RunTextReader_ThrowsOnlyTheDeclaredException()
    {
        byte[] text = Encoding.ASCII.GetBytes("d71g04L3N3L3MO2N1O1O1O2O0O1O1O2N1Oi2");

        int read = Try(text, (bytes, random) =>
        {
            var mask = RunLengthMask.Parse(random.Next(0, 40), random.Next(0, 60), bytes);
            Assert.Equal(mask.Area, mask.ToColumnMajor().Sum(p => p));
            Assert.Equal(mask.ToCounts(), RunLengthMask.Parse(mask.Height, mask.Width, mask.ToText()).ToCounts());
        });

        Assert.InRange(read, 1, Inputs);
    }

    [Fact]
    public void PolygonRasterizer_ThrowsOnlyTheDeclaredException()
    {
        double[] extremes = [0, -0.5, 1e308, double.NaN, double.PositiveInfinity, 4e8, -3.9e8, 1e-300, 399999999, 0.1];

        Try([1], (_, random) =>
        {
            double[] polygon =
            [
                .. Enumerable.Range(0, random.Next(0, 14)).Select(_ => random.Next(8) == 0
                    ? extremes[random.Next(extremes.Length)]
                    : random.NextDouble() * 60 - 10),
            ];
            var mask = RunLengthMask.FromPolygons(
                random.Next(0, 40), random.Next(0, 50), [polygon, [0, 0, 9, 0, 9, 9]]);
            Assert.True(mask.Area <= (long)mask.Height * mask.Width);
            Assert.True(mask.ToCounts().Sum(c => c) == (long)mask.Height * mask.Width);
        });
    }

    private static void Evaluate(CocoDataset dataset, DetectionList detections)
    {
        foreach (EvaluationTask task in Enum.GetValues<EvaluationTask>())
        {
            var settings = new EvaluationSettings { Task = task, MaxThreads = 1 };
            EvaluationResult result = CocoEvaluator.Evaluate(dataset, detections, settings);
            Assert.All(result.Metrics.ToList(), m => Assert.True(m.Value is -1 or (>= 0 and <= 1)));
            Assert.Equal(6, ErrorAnalysis.Analyse(dataset, detections, settings).Summaries.Count);
        }
    }

    // Returns how many inputs got through without any exception.
    private static int Try(byte[] valid, Action<byte[], Random> use)
    {
        var random = new Random(Seed);
        int read = 0;
        for (int i = 0; i < Inputs; i++)
        {
            byte[] bytes = Mutation.Of(valid, random);
            try
            {
                use(bytes, random);
                read++;
            }
            catch (CocoFormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Input {i}: {e}\n{Encoding.Latin1.GetString(bytes)}");
            }
        }

        return read;
    }
}
