using Dense.Checkpoints;
using Dense.Models.Backbones;
using Dense.Pretraining;
using Dense.Pretraining.Probes;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining.Probes;

/// <summary>The linear probe on five levels (P-154).</summary>
[LeakCheck]
public class MultiLevelProbeTests
{
    // Sums of up to 1152 float32 products.
    private const double Float32Sum = 1e-4;

    [Fact]
    public void Levels_HaveThePublishedCellsAndLengthsForResNet50()
    {
        var backbone = new ResNetSettings();

        Assert.Equal([12, 6, 4, 3, 2], MultiLevelHead.Poolings.Select(p => p.Side));
        Assert.Equal([9216, 9216, 8192, 9216, 8192],
            MultiLevelHead.Poolings.Select((p, level) => backbone.Channels(level) * p.Side * p.Side));
    }

    [Fact]
    public void Names_AreThoseOfTheBackboneThenThoseOfTheFiveLevels()
    {
        using DisposeScope scope = NewDisposeScope();
        using var method = new Classification(Tiny);

        Assert.Equal(
            [
                .. Enumerable.Range(0, 5).SelectMany(i => (string[])
                [
                    $"head.norms.{i}.running_mean", $"head.norms.{i}.running_var",
                    $"head.norms.{i}.num_batches_tracked",
                ]),
                .. Enumerable.Range(0, 5).SelectMany(i => (string[])
                    [$"head.classifiers.{i}.fc_cls.weight", $"head.classifiers.{i}.fc_cls.bias"]),
            ],
            method.SaveState().Select(e => e.Key).Where(n => !n.StartsWith("backbone.", StringComparison.Ordinal)));
        Assert.StartsWith("backbone.", method.SaveState()[0].Key);
        Assert.Equal("3 1152", string.Join(' ', method.SaveState()
            .Single(e => e.Key == "head.classifiers.0.fc_cls.weight").Value.Shape));
    }

    [Fact]
    public void Losses_AreThoseOfADirectComputation()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classification method = Placed();
        Dictionary<string, TensorRecord> state = method.SaveState().ToDictionary(e => e.Key, e => e.Value);
        Tensor images = randn([4L, 3, 224, 224]), labels = tensor(new long[] { 2, 0, 1, 1 });

        StepResult result = method.Step(new PretrainingBatch(images, labels), new StepContext(0));

        Dictionary<string, double> losses = result.Losses.ToDictionary(l => l.Name, l => l.Value.Doubles()[0]);
        Assert.Equal(
            [.. Enumerable.Range(1, 5).SelectMany(i => (string[])[$"loss_feat{i}", $"acc_feat{i}"]), "loss"],
            losses.Keys);
        Tensor[] maps = method.Extract(images);
        for (int i = 0; i < maps.Length; i++)
        {
            Tensor weight = state[$"head.classifiers.{i}.fc_cls.weight"].ToTensor();
            Tensor scores = Standardised(Pooled(maps[i], MultiLevelHead.Poolings[i])).flatten(1).matmul(weight.t());
            Assert.Equal(CrossEntropy(scores, labels), losses[$"loss_feat{i + 1}"], Float32Sum);
            Assert.Equal(25.0 * scores.argmax(1).eq(labels).sum().item<long>(), losses[$"acc_feat{i + 1}"], 1e-4);
        }

        Assert.Equal(Enumerable.Range(1, 5).Sum(i => losses[$"loss_feat{i}"]), losses["loss"], Float32Sum);
    }

    [Fact]
    public void Step_TrainsEveryClassifierAndLeavesTheBackboneAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classification method = Placed();
        Dictionary<string, TensorRecord> before = method.SaveState().ToDictionary(e => e.Key, e => e.Value);

        StepResult result = method.Step(
            new PretrainingBatch(randn([4L, 3, 224, 224]), tensor(new long[] { 2, 0, 1, 1 })), new StepContext(0));
        result.Total.backward();

        NamedParameter[] learning = [.. method.OptimizerParameters.Where(p => p.Trainable)];
        Assert.Equal(10, learning.Length);
        Assert.All(learning, p => Assert.True(p.Parameter.grad!.norm().item<float>() > 0, p.Name));
        Assert.All(method.SaveState(), e => Assert.Equal(
            !e.Key.StartsWith("head.norms.", StringComparison.Ordinal),
            e.Value.Bytes.Span.SequenceEqual(before[e.Key].Bytes.Span)));
    }

    [Fact]
    public void RunningStatistics_MoveByATenthAndServeEvaluation()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classification method = Placed();
        Tensor images = randn([4L, 3, 224, 224]);
        _ = method.Step(new PretrainingBatch(images, zeros(4, int64)), new StepContext(0));

        Tensor pooled = Pooled(method.Extract(images)[4], MultiLevelHead.Poolings[4]);
        Tensor mean = method.SaveState().Single(e => e.Key == "head.norms.4.running_mean").Value.ToTensor();
        method.eval();
        Tensor alone = method.Classify(images[0..1]), together = method.Classify(images);

        Assert.True(TensorValues.Distance(pooled.mean([0, 2, 3]) * 0.1, mean) < Float32Sum);
        Assert.Equal([4L, 5, 3], together.shape);
        Assert.True(TensorValues.Distance(alone, together[0..1]) < Float32Sum);
    }

    [Fact]
    public void Step_RefusesImagesOfAnotherSize()
    {
        using DisposeScope scope = NewDisposeScope();
        using Classification method = Placed();

        var error = Assert.Throws<ArgumentException>(() => method.Step(
            new PretrainingBatch(randn([4L, 3, 64, 64]), zeros(4, int64)), new StepContext(0)));

        Assert.Contains("224×224", error.Message);
        Assert.Contains("32×32, 16×16", error.Message);
    }

    [Fact]
    public void Settings_NeedAllLevels() => Assert.Contains("0, 1, 2, 3, 4", Assert.Single(
        (Tiny with { Backbone = Tiny.Backbone with { OutIndices = [4] } }).Problems()));

    private static ClassificationSettings Tiny => new()
    {
        Head = HeadKind.MultiLevel,
        NumClasses = 3,
        Backbone = new ResNetSettings
        {
            Depth = 18,
            BaseWidth = 8,
            FrozenStages = 4,
            OutIndices = [0, 1, 2, 3, 4],
        },
    };

    private static Classification Placed()
    {
        var method = new Classification(Tiny);
        method.Place(new PlacementSettings());
        return method;
    }

    private static Tensor Pooled(Tensor map, LevelPooling pooling)
    {
        Tensor padded = nn.functional.pad(map, [pooling.Padding, pooling.Padding, pooling.Padding, pooling.Padding]);
        Tensor Row(int y) => stack([.. Enumerable.Range(0, pooling.Side).Select(x => padded
            .narrow(2, y * pooling.Stride, pooling.Kernel).narrow(3, x * pooling.Stride, pooling.Kernel)
            .mean([2, 3]))], dim: 2);
        return stack([.. Enumerable.Range(0, pooling.Side).Select(Row)], dim: 2);
    }

    private static Tensor Standardised(Tensor x)
    {
        Tensor centred = x - x.mean([0, 2, 3], keepdim: true);
        return centred / (centred.square().mean([0, 2, 3], keepdim: true) + 1e-5).sqrt();
    }

    private static double CrossEntropy(Tensor scores, Tensor labels) =>
        (scores.exp().sum(dim: 1).log() - scores.gather(1, labels.unsqueeze(1)).squeeze(1)).mean().Doubles()[0];
}
