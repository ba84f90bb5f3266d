using System.Text.Json;
using Dense.Detection;
using Dense.Distributed;
using Dense.Imaging;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Reference;

/// <summary>Statistics over three batches of different size, as fvcore computes them.</summary>
[LeakCheck]
[Trait("Category", "Golden")]
public class PreciseBatchNormGoldenTests
{
    // golden/detection/README.md: activations, relative to the largest magnitude of the tensor.
    private const double Activations = 5e-5;

    public static TheoryData<string> Cases => Golden.Cases("detection/fcos", "precise_bn.json");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Statistics_EqualTheReferences(string name)
    {
        string folder = Golden.Require("detection", "fcos", name);
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "precise_bn.json")));
        using var scope = NewDisposeScope();
        DetectionConfiguration configuration = DetectionConfiguration.Load(
            Path.Combine(folder, "config.yaml"), ["MODEL.DEVICE", "cpu"]);
        using Detector detector = FilledModel.Create(configuration);
        Queue<string[]> batches = new(golden.RootElement.GetProperty("batches").EnumerateArray()
            .Select(b => b.EnumerateArray().Select(n => n.GetString()!).ToArray()));
        var precise = new PreciseBatchNorm(detector, SingleProcess.Instance);

        precise.Run(
            () => (ImageBatching.Create([.. batches.Dequeue().Select(Image)], detector.Settings, CPU), []),
            golden.RootElement.GetProperty("num_iters").GetInt32());

        Assert.True(precise.RunsBackboneOnly);
        var state = DetectorState.Entries(detector).ToDictionary(e => e.Name, e => e.Tensor);
        foreach (JsonProperty entry in golden.RootElement.GetProperty("statistics").EnumerateObject())
        {
            double[] values = state[entry.Name].Doubles();
            double[] expected = [.. entry.Value.GetProperty("val").EnumerateArray().Select(v => v.GetDouble())];
            int[] at = [.. entry.Value.GetProperty("idx").EnumerateArray().Select(v => v.GetInt32())];
            double scale = values.Max(Math.Abs);
            Assert.All(
                at.Zip(expected), p => Assert.InRange(Math.Abs(values[p.First] - p.Second), 0, Activations * scale));
            Assert.InRange(TensorValues.Norm(values) / entry.Value.GetProperty("l2").GetDouble(), 1 - Activations, 1
                + Activations);
        }

        foreach (var (tensor, record) in GoldenTensors.Read(Path.Combine(folder, "precise_bn.safetensors")))
        {
            double[] expected = record.Doubles();
            Assert.InRange(
                TensorValues.Distance(state[tensor].Doubles(), expected), 0, Activations * expected.Max(Math.Abs));
        }
    }

    // Read in the order of the configuration's channels, which is RGB.
    private static InputImage Image(string name)
    {
        using var decoder = new ImageDecoder();
        var image = new RgbImage();
        decoder.DecodeFile(Golden.Require("detection", "fcos", $"fcos_{name}.png"), image);
        byte[] planes = new byte[3 * image.Width * image.Height];
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            for (int c = 0; c < 3; c++)
                planes[(c * image.Width * image.Height) + i] = image.Pixels[(3 * i) + c];
        }

        return new InputImage
        {
            Pixels = planes,
            Height = image.Height,
            Width = image.Width,
            OriginalHeight = image.Height,
            OriginalWidth = image.Width,
        };
    }
}
