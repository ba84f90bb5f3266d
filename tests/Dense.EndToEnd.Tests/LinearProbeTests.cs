using System.Text.Json;

namespace Dense.EndToEnd.Tests;

/// <summary>The published probes on five levels, shrunk to a thin network, 16 pictures and 3 epochs (P-154).</summary>
public sealed class LinearProbeTests : IDisposable
{
    private readonly SmallTraining _training = new();

    [Theory]
    [InlineData("imagenet")]
    [InlineData("places205")]
    public void PublishedMultiLevelProbe_TrainsOnAPretrainedBackbone(string dataset)
    {
        TempFolder folder = _training.Folder;
        Densecl.Run("dataset", "generate", folder["labelled"], "--images", "0", "--unlabelled", "0", "--probe", "16",
            "--size", "48", "--workers", "1");
        Densecl.Run(_training.Arguments("run", "MODEL.BACKBONE.NUM_STAGES", "4", "SOLVER.EPOCHS", "1"));
        Densecl.Run("extract", folder["run/latest.pth"], folder["backbone.pth"]);

        ChildProcess result = Densecl.Run(
            "pretrain", "--config-file",
            RepositoryRoot.Combine("configs", "pretraining", "linear", dataset, "r50_multihead.yaml"),
            "MODEL.PRETRAINED", folder["backbone.pth"], "MODEL.BACKBONE.DEPTH", "18", "MODEL.BACKBONE.WIDTH", "8",
            "DATA.ROOT", folder["labelled"], "DATA.LIST", folder["labelled/probe_train.txt"],
            "DATA.BATCH_SIZE_PER_PROCESS", "4", "DATA.WORKERS", "1",
            "VALIDATION.ROOT", folder["labelled"], "VALIDATION.LIST", folder["labelled/probe_val.txt"],
            "SOLVER.EPOCHS", "3", "DEVICE", "cpu", "THREADS", "1", "OUTPUT_DIR", folder["probe"]);

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(folder["probe/epoch_3.pth"], result.Output.Trim());
        JsonElement last = JsonDocument.Parse(
            File.ReadLines(Directory.GetFiles(folder["probe"], "*.log.json").Single()).Last()).RootElement;
        Assert.Equal("val", last.GetProperty("mode").GetString());
        Assert.All(Enumerable.Range(1, 5), level => Assert.InRange(
            last.GetProperty($"acc_feat{level}_top1").GetDouble(), 0,
            last.GetProperty($"acc_feat{level}_top5").GetDouble()));
    }

    public void Dispose() => _training.Dispose();
}
