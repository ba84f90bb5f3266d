using System.Text.Json;
using Dense.Checkpoints;
using Dense.Pretraining.Probes;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Probes;

[Trait("Category", "Golden")]
[LeakCheck]
public class ProbeGoldenTests
{
    private const double Float64Limit = 1e-9;
    private const double Float32Limit = 1e-4;

    [Theory]
    [InlineData(ScalarType.Float64, Float64Limit)]
    [InlineData(ScalarType.Float32, Float32Limit)]
    public void NearestNeighbours_ScoreAsTheReferenceDoes(ScalarType type, double limit)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, TensorRecord> data = GoldenTensors.Read(
            Golden.Require("pretraining", "linear_knn", "knn.safetensors"));
        JsonElement description = Read("knn.json");
        using var probe = new NearestNeighbourProbe(
            data["train_features"].ToTensor().to(type), data["train_labels"].ToTensor(),
            description.GetProperty("num_classes").GetInt64());
        Tensor features = data["test_features"].ToTensor().to(type);

        int number = 0;
        foreach (JsonElement @case in description.GetProperty("cases").EnumerateArray())
        {
            var settings = new NearestNeighbourSettings
            {
                Neighbours = @case.GetProperty("k").GetInt32(),
                Temperature = @case.GetProperty("temperature").GetDouble(),
                BatchSize = 50,
            };
            double[] scores = probe.Scores(features, settings).Doubles();
            ProbeResult result = probe.Evaluate(features, data["test_labels"].ToTensor(), settings);

            double[] expected = data[$"case{number}.class_scores"].Doubles();
            Assert.All(expected.Zip(scores), p => Assert.Equal(p.First, p.Second, limit * Math.Max(1e-300, p.First)));
            Assert.Equal(data[$"case{number}.prediction"].Doubles(), result.Predictions.Select(p => (double)p));
            Assert.Equal(@case.GetProperty("top1_percent").GetDouble(), result.Top1Percent, Float64Limit);
            Assert.Equal(@case.GetProperty("top5_percent").GetDouble(), result.Top5Percent, Float64Limit);
            number++;
        }

        Assert.True(number > 0);
    }

    [Fact]
    public void LinearProbe_TrainsAsTheReferenceDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, TensorRecord> data = GoldenTensors.Read(
            Golden.Require("pretraining", "linear_knn", "knn.safetensors"));
        Dictionary<string, TensorRecord> golden = GoldenTensors.Read(
            Golden.Require("pretraining", "linear_knn", "linear_probe.safetensors"));
        JsonElement description = Read("linear_probe.json"), options = description.GetProperty("options");
        Tensor initial = golden["initial_weight"].ToTensor();
        using var probe = new LinearProbe(
            initial.shape[1], initial.shape[0], Settings(options), ScalarType.Float64);
        probe.Weight.copy_(initial);
        Tensor features = data["train_features"].ToTensor().to(ScalarType.Float64);
        Tensor testFeatures = data["test_features"].ToTensor().to(ScalarType.Float64);
        Tensor labels = data["train_labels"].ToTensor(), order = golden["order"].ToTensor();

        foreach (JsonElement epoch in description.GetProperty("per_epoch").EnumerateArray())
        {
            int number = epoch.GetProperty("epoch").GetInt32();
            double loss = probe.TrainEpoch(features, labels, order[number], number);
            ProbeResult result = probe.Evaluate(testFeatures, data["test_labels"].ToTensor());

            Assert.Equal(epoch.GetProperty("mean_loss").GetDouble(), loss, Float64Limit);
            Assert.Equal(epoch.GetProperty("test_top1_percent").GetDouble(), result.Top1Percent, Float64Limit);
            Assert.True(TensorValues.Distance(
                probe.Weight.Doubles(), golden[$"epoch{number}.weight"].Doubles()) <= Float64Limit);
            Assert.True(
                TensorValues.Distance(probe.Bias.Doubles(), golden[$"epoch{number}.bias"].Doubles()) <= Float64Limit);
        }
    }

    private static LinearProbeSettings Settings(JsonElement options) => new()
    {
        LearningRate = options.GetProperty("lr").GetDouble(),
        Momentum = options.GetProperty("momentum").GetDouble(),
        WeightDecay = options.GetProperty("weight_decay").GetDouble(),
        Epochs = options.GetProperty("epochs").GetInt32(),
        Milestones = [.. options.GetProperty("lr_steps").EnumerateArray().Select(m => m.GetInt32())],
        Gamma = options.GetProperty("gamma").GetDouble(),
        BatchSize = options.GetProperty("batch").GetInt32(),
        DropLast = options.GetProperty("drop_last").GetBoolean(),
    };

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Golden.Require("pretraining", "linear_knn", file))).RootElement;
}
