using System.Text.Json;
using Dense.Checkpoints;
using Dense.Models.Backbones;
using TorchSharp;

namespace Dense.Torch.Tests.Training.Loop;

/// <summary>The probe on five levels through the loop (P-154).</summary>
[LeakCheck]
public sealed class MultiLevelTrainingTests : IDisposable
{
    private readonly SmallRun _run = new();

    [Fact]
    public void Training_LowersTheLossAndLeavesThePretrainedBackboneAsItWas()
    {
        string backbone = _run.Folder["backbone.safetensors"];
        Dictionary<string, TensorRecord> given = WriteBackbone(backbone);

        _run.Train("run", [.. _run.Method("MultiLevel"), "MODEL.PRETRAINED", backbone, "SOLVER.BASE_LR", "0.001"]);

        double[] losses = [.. Log("train").Select(line => line.GetProperty("loss").GetDouble())];
        CheckpointMap state = CheckpointFile.Read(_run.Folder["run/epoch_3.pth"]).Map.GetMap("state_dict");
        Assert.True(losses[^1] < losses[0], string.Join(", ", losses));
        Assert.All(given, e => Assert.True(
            e.Value.Bytes.Span.SequenceEqual(state.GetTensor("backbone." + e.Key).Bytes.Span), e.Key));
    }

    [Fact]
    public void Training_LogsEachLevel()
    {
        _run.Train("run",
            [
                .. _run.Method("MultiLevel"), "SOLVER.EPOCHS", "1", "VALIDATION.SOURCE", "list",
                "VALIDATION.ROOT", _run.Folder["scenes"], "VALIDATION.LIST", _run.Folder["scenes/probe_train.txt"],
                "VALIDATION.INTERVAL_EPOCHS", "1", "VALIDATION.AT_START", "True",
            ]);

        Assert.Equal(2, Log("train").Count);
        Assert.All(Log("train"), line => Assert.Equal(
            [.. Enumerable.Range(1, 5).SelectMany(i => (string[])[$"loss_feat{i}", $"acc_feat{i}"]), "loss"],
            NamesOf(line)));
        Assert.Equal(2, Log("val").Count);
        Assert.All(Log("val"), line => Assert.Equal(
            Enumerable.Range(1, 5).SelectMany(i => (string[])[$"acc_feat{i}_top1", $"acc_feat{i}_top5"]),
            NamesOf(line)));
    }

    public void Dispose() => _run.Dispose();

    private IReadOnlyList<JsonElement> Log(string mode) =>
        [.. File.ReadLines(Directory.GetFiles(_run.Folder["run"], "*.log.json").Single())
            .Skip(1)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("mode").GetString() == mode)];

    private static IEnumerable<string> NamesOf(JsonElement line) => line.EnumerateObject()
        .Select(p => p.Name)
        .Where(n => n.StartsWith("loss", StringComparison.Ordinal) || n.StartsWith("acc", StringComparison.Ordinal));

    private static Dictionary<string, TensorRecord> WriteBackbone(string path)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new ResNet(new ResNetSettings { Depth = 18, BaseWidth = 8, OutIndices = [4] });
        Dictionary<string, TensorRecord> state =
            ModuleState.Tensors(network).ToDictionary(e => e.Name, e => e.Tensor.ToRecord());
        SafetensorsFile.Write(path, state);
        return state;
    }
}
