using System.Text.Json;
using Dense.Checkpoints;
using Dense.Models.Backbones;
using Dense.Pretraining;
using Dense.Pretraining.State;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Evaluation;
using TorchSharp;
using static Dense.Torch.Tests.Pretraining.TinySettings;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.State;

[LeakCheck]
public class StateTests
{
    [Fact] // P-11, P-12, P-41, P-48. A short queue: its length is not what is counted.
    public void StateSizes_AreThePublishedOnesForResNet50()
    {
        using DisposeScope scope = NewDisposeScope();
        using var denseCl = new DenseCl(new DenseClSettings { QueueLength = 256 });
        using var second = new MoCo(new MoCoSettings { QueueLength = 256 });
        using var first = new MoCo(MoCoSettings.V1 with { QueueLength = 256 });
        using var supervised = new Classification(new ClassificationSettings());

        Assert.Equal(974, denseCl.SaveState().Count);
        Assert.Equal(964, second.SaveState().Count);
        Assert.Equal(960, first.SaveState().Count);
        Assert.Equal(320, supervised.SaveState().Count);
        Assert.Equal(334, denseCl.OptimizerParameters.Count);
        Assert.Equal(64_850_560, denseCl.OptimizerParameters.Sum(p => p.Parameter.numel()));
        Assert.Equal(32_425_280, denseCl.OptimizerParameters.Where(p => p.Trainable).Sum(p => p.Parameter.numel()));
        Assert.Equal("encoder_k.1.mlp2.2.bias", denseCl.OptimizerParameters[^1].Name);
    }

    [Fact] // P-11.
    public void DenseClNames_BeginAndEndAsInTheReference()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        (string, string)[] entries =
            [.. method.SaveState().Select(e => (e.Key, string.Join(' ', e.Value.Shape)))];

        Assert.Equal([("queue", "16 32"), ("queue_ptr", "1"), ("queue2", "16 32"), ("queue2_ptr", "1"),
            ("encoder_q.0.conv1.weight", "8 3 7 7")], entries[..5]);
        Assert.Equal(
            [("encoder_q.1.mlp.0.weight", "24 64"), ("encoder_q.1.mlp.0.bias", "24"),
                ("encoder_q.1.mlp.2.weight", "16 24"),
                ("encoder_q.1.mlp.2.bias", "16"), ("encoder_q.1.mlp2.0.weight", "24 64 1 1"),
                ("encoder_q.1.mlp2.0.bias", "24"), ("encoder_q.1.mlp2.2.weight", "16 24 1 1"),
                ("encoder_q.1.mlp2.2.bias", "16")],
            entries.Where(e => e.Item1.StartsWith("encoder_q.1.", StringComparison.Ordinal)));
        Assert.Equal("backbone.layer4.1.bn2.num_batches_tracked", entries[^1].Item1);
    }

    [Fact] // P-14.
    public void KeyEncoder_StartsEqualToTheQueryEncoder()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = method.SavedState();

        Assert.All(
            state.Where(e => e.Key.StartsWith("encoder_q.", StringComparison.Ordinal)),
            e => Assert.Equal(e.Value.Doubles(), state["encoder_k" + e.Key[9..]].Doubles()));
    }

    [Fact] // P-13, P-48.
    public void State_SurvivesSavingAndLoading()
    {
        using DisposeScope scope = NewDisposeScope();
        using var from = new DenseCl(TinyDenseCl);
        using var to = new DenseCl(TinyDenseCl);
        from.Place(new PlacementSettings());
        to.Place(new PlacementSettings { ChannelsLast = false });
        _ = from.Step(new PretrainingBatch(randn([4L, 2, 3, 32, 32])), new StepContext(0));

        StateLoadReport report = to.LoadState(from.SavedState());

        Assert.True(report.IsComplete);
        Assert.Empty(report.Warnings);
        Assert.All(from.SaveState().Zip(to.SaveState()), p => Assert.True(
            p.First.Key == p.Second.Key &&
            p.First.Value.Bytes.Span.SequenceEqual(p.Second.Value.Bytes.Span), p.First.Key));
    }

    [Fact] // P-13.
    public void Loading_TakesFilesWithoutTheAliasAndPrefersTheEncoderWhereTheyDiffer()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = method.SavedState();
        Dictionary<string, TensorRecord> bare =
            state.Where(e => !e.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .ToDictionary(e => "module." + e.Key, e => e.Value);

        Assert.True(method.LoadState(bare).IsComplete);

        state["backbone.bn1.weight"] = (ones(8) * 7).ToRecord();
        StateLoadReport report = method.LoadState(state);

        Assert.Contains("encoder_q.0.bn1.weight is used", Assert.Single(report.Warnings));
        Assert.Equal(1, method.SavedState()["backbone.bn1.weight"].Doubles()[0]);
    }

    [Fact]
    public void Loading_ReportsWhatDoesNotFit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> state = method.SavedState();
        state.Remove("encoder_q.1.mlp.0.bias");
        state["queue2"] = zeros(16, 8).ToRecord();
        state["head.weight"] = zeros(1).ToRecord();

        StateLoadReport report = method.LoadState(state);

        Assert.Equal(["encoder_q.1.mlp.0.bias"], report.Names.Missing);
        Assert.Equal(["head.weight"], report.Names.Unexpected);
        Assert.Equal(
            "queue2: [16, 8] in the file, [16, 32] expected", Assert.Single(report.Names.ShapeMismatches).ToString());
        var error = Assert.Throws<StateMismatchException>(() => report.RequireComplete("some.pth"));
        Assert.Contains("some.pth", error.Message);
        Assert.Contains("encoder_q.1.mlp.0.bias", error.Message);
    }

    [Fact] // P-69, P-14.
    public void PretrainedBackbone_IsLoadedStrictlyIntoBothEncoders()
    {
        using DisposeScope scope = NewDisposeScope();
        using var source = new ResNet(TinyBackbone);
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> weights = ModuleState.Tensors(source)
            .Where(e => !e.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToDictionary(e => "module." + e.Name, e => e.Tensor.ToRecord());

        method.LoadBackbone(weights, "backbone.pth");

        Dictionary<string, TensorRecord> state = method.SavedState();
        foreach (string encoder in (string[])["encoder_q", "encoder_k", "backbone"])
        {
            string prefix = encoder == "backbone" ? "backbone." : encoder + ".0.";
            Assert.Equal(weights["module.conv1.weight"].Doubles(), state[prefix + "conv1.weight"].Doubles());
        }

        weights.Remove("module.bn1.weight");
        Assert.Throws<StateMismatchException>(() => method.LoadBackbone(weights, "backbone.pth"));
    }

    [Fact] // P-211.
    public void PretrainedBackbone_NamesTheRemedyForATrainingCheckpoint()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(TinyDenseCl);
        Dictionary<string, TensorRecord> checkpoint = method.SavedState();

        var error = Assert.Throws<StateMismatchException>(() => method.LoadBackbone(checkpoint, "epoch_200.pth"));

        Assert.Contains("epoch_200.pth", error.Message);
        Assert.Contains("extract", error.Message);
        Assert.Contains("layer1.0.conv1.weight", error.Message);
    }

    [Theory] // P-45, P-47.
    [InlineData(MoCoNeckKind.Linear)]
    [InlineData(MoCoNeckKind.NonLinearV1)]
    public void FacebookCheckpoints_LoadIntoMoCoAndIntoABackbone(MoCoNeckKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        MoCoSettings settings = TinyMoCo with { Neck = TinyMoCo.Neck with { Kind = kind } };
        using var from = new MoCo(settings);
        using var to = new MoCo(settings);
        using var backbone = new ResNet(TinyBackbone);
        Dictionary<string, TensorRecord> theirs = from.SaveState()
            .Where(e => !e.Key.StartsWith("backbone.", StringComparison.Ordinal))
            .ToDictionary(
                e => "module." + e.Key.Replace("_q.0.", "_q.").Replace("_k.0.", "_k.").Replace(".1.mlp.", ".fc.")
                .Replace(".1.fc.", ".fc."),
                e => e.Value);

        to.LoadState(theirs).RequireComplete("checkpoint_0199.pth.tar");
        BackboneWeights.Load(backbone, RecognisedBackbone(theirs), "checkpoint_0199.pth.tar");

        Assert.All(from.SaveState().Zip(to.SaveState()), p => Assert.Equal(
            p.First.Value.Doubles(), p.Second.Value.Doubles()));
        Assert.Equal(theirs["module.encoder_q.conv1.weight"].Doubles(), ModuleState.Tensors(backbone)
            .First().Tensor.Doubles());
    }

    private static IReadOnlyDictionary<string, TensorRecord> RecognisedBackbone(
        IEnumerable<KeyValuePair<string, TensorRecord>> state)
    {
        using var folder = new TempFolder();
        SafetensorsFile.Write(folder["state.safetensors"], state);
        return BackboneFile.Weights(folder["state.safetensors"]);
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void BackboneNames_AreThoseOfThePublishedFiles()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = Golden.Require("pretraining", "checkpoints", "names_densecl_r50.expected.json");
        JsonElement renames = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("renames");
        using var net = new ResNet(new ResNetSettings());

        Assert.Equal(renames.EnumerateArray().Select(r => r[0].GetString()!), ModuleState.Tensors(net)
            .Select(e => e.Name));
    }
}
