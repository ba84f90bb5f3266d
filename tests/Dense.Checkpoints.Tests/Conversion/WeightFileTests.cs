using Dense.Checkpoints.Conversion;

namespace Dense.Checkpoints.Tests.Conversion;

public class WeightFileTests
{
    private static readonly TensorRecord Weight = Samples.Floats([1], 7);

    [Fact]
    public void TrainingCheckpoint_GivesBackboneAndNeck()
    {
        CheckpointMap state = Backbones.State("encoder_q.0.");
        state["encoder_q.1.mlp.0.weight"] = Weight;
        state["queue"] = Weight;
        Backbones.Add(state, "backbone.");

        WeightFile file =
            Backbones.Recognize(
            new() { ["meta"] = new CheckpointMap { ["openselfsup_version"] = "0.2.0" }, ["state_dict"] = state });

        Assert.Equal(WeightFileKind.ContrastiveTraining, file.Kind);
        Assert.Equal(18, file.Depth);
        Assert.Equal("OpenSelfSup 0.2.0", file.Author);
        Assert.Equal("mlp.0.weight", Assert.Single(file.Neck).Key);
        Assert.Empty(file.Warnings);
    }

    [Fact]
    public void QueryEncoder_WinsOverAnAliasThatDiffers()
    {
        CheckpointMap state = Backbones.State("encoder_q.0.");
        Backbones.Add(state, "backbone.");
        state["backbone.bn1.bias"] = Samples.Floats([64], new float[64]);

        WeightFile file = Backbones.Recognize(new() { ["state_dict"] = state });

        Assert.Contains("1 tensors under 'backbone.' differ", Assert.Single(file.Warnings), StringComparison.Ordinal);
        TensorRecord used = file.Backbone.Single(t => t.Key == "bn1.bias").Value;
        Assert.NotEqual(0, BitConverter.ToSingle(used.Bytes.Span));
    }

    [Fact]
    public void MocoCheckpoint_GivesBackboneWithoutItsProjection()
    {
        CheckpointMap state = Backbones.State("module.encoder_q.");
        state["module.encoder_q.fc.0.weight"] = Weight;
        state["module.queue"] = Weight;

        WeightFile file =
            Backbones.Recognize(new() { ["epoch"] = 200L, ["arch"] = "resnet18", ["state_dict"] = state });

        Assert.Equal(WeightFileKind.MocoTraining, file.Kind);
        Assert.True(BackboneVerification.Check(file.Backbone).IsGood);
        Assert.Contains("stem.fc.0.weight", BackboneConversion.ToDetectron2(file).Select(t => t.Key));
        Assert.DoesNotContain("fc.0.weight", BackboneConversion.ToTorchvision(file).Select(t => t.Key));
        Assert.Equal("MOCO", BackboneConversion.Detectron2Author(file));
    }

    [Fact]
    public void BareState_IsTorchvisions()
    {
        CheckpointMap state = Backbones.State("");
        state["fc.weight"] = Weight;

        WeightFile file = Backbones.Recognize(state);

        Assert.Equal(WeightFileKind.Torchvision, file.Kind);
        Assert.Equal("fc.weight", Assert.Single(file.Classifier).Key);
        Assert.Equal("torchvision", BackboneConversion.Detectron2Author(file));
    }

    [Theory]
    [InlineData("backbone.", "head.fc_cls.weight", WeightFileKind.SupervisedTraining)]
    [InlineData("backbone.", "encoder_k.module.0.conv1.weight", WeightFileKind.MmselfsupTraining)]
    [InlineData("module.backbone.", "module.head.fc_cls.weight", WeightFileKind.SupervisedTraining)]
    [InlineData("", "bn1.weight", WeightFileKind.ExtractedBackbone)]
    public void State_IsRecognisedByItsNames(string prefix, string other, WeightFileKind kind)
    {
        CheckpointMap state = Backbones.State(prefix);
        state[other] = Weight;

        Assert.Equal(kind, Backbones.Recognize(new() { ["state_dict"] = state }).Kind);
    }

    [Theory]
    [InlineData("", WeightFileKind.Detectron2Backbone)]
    [InlineData("backbone.bottom_up.", WeightFileKind.Detector)]
    public void Detectron2Names_AreRecognisedAndRenamed(string prefix, WeightFileKind kind)
    {
        var model = new CheckpointMap();
        foreach (var (name, tensor) in Backbones.Of(18))
            model.Add(prefix + BackboneNames.ToDetectron2(name), tensor);

        WeightFile file = Backbones.Recognize(new() { ["model"] = model });

        Assert.Equal(kind, file.Kind);
        Assert.Equal(ResNetLayout.Of(18).Select(l => l.Name), file.Backbone.Select(t => t.Key));
    }

    [Fact]
    public void FileWithoutBackbone_IsRefusedWithWhatItHolds()
    {
        WeightFile file =
            Backbones.Recognize(
            new() { ["state_dict"] = new CheckpointMap { ["decoder.w"] = Weight }, ["optimizer"] = 1L });

        var refusal = Assert.Throws<CheckpointFormatException>(() => BackboneConversion.ToDetectron2(file));

        Assert.Contains(
            "model.pth: no backbone found. The file holds 'state_dict', 'optimizer'.", refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("'decoder.w'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("densecl inspect model.pth", refusal.Message, StringComparison.Ordinal);
    }
}
