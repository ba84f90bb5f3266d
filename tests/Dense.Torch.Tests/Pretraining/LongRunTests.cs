using Dense.Models.Backbones;
using Dense.Pretraining;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining;

[LeakCheck]
public class LongRunTests
{
    [Fact] // R14.
    public void ThousandSteps_KeepTheNumberOfTensorsConstant()
    {
        const int Warmup = 200, Steps = 1000;
        using DisposeScope scope = NewDisposeScope();
        using DenseCl method = SmallMethod();
        using FlatSgd sgd = OptimizerOf(method);
        Tensor images = randn([4L, 2, 3, 32, 32]);

        Train(method, sgd, images, 0, Warmup);
        long tensors = Tensor.TotalCount;
        Train(method, sgd, images, Warmup, Steps);

        Assert.Equal(tensors, Tensor.TotalCount);
    }

    // Numbers that are freed while libtorch reads them end the process, or change what it computes.
    [Fact]
    public void Steps_AreTheSameWhileOtherThreadsCollectGarbage()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor undisturbed = WeightsAfter(steps: 100);
        using var collections = new GarbageCollections();

        Tensor disturbed = WeightsAfter(steps: 100);

        Assert.Equal(undisturbed.Doubles(), disturbed.Doubles());
    }

    private static Tensor WeightsAfter(int steps)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        using DenseCl method = SmallMethod();
        using FlatSgd sgd = OptimizerOf(method);
        Train(method, sgd, randn([4L, 2, 3, 32, 32]), 0, steps);
        return method.Parameters.Values.clone().MoveToOuterDisposeScope();
    }

    private static DenseCl SmallMethod()
    {
        var method = new DenseCl(new DenseClSettings
        {
            Backbone = new ResNetSettings { Depth = 18, BaseWidth = 4, NumStages = 2, OutIndices = [2] },
            QueueLength = 64,
            FeatureDim = 16,
            Neck = new DenseClNeckSettings { InChannels = 8, HiddenChannels = 16, OutChannels = 16 },
        });
        method.Place(new PlacementSettings());
        return method;
    }

    private static FlatSgd OptimizerOf(PretrainingMethod method) => new(
        method.Parameters,
        [new SgdGroup { Names = [.. method.Parameters.Slots.Select(s => s.Name)], LearningRate = 0.01 }]);

    private static void Train(PretrainingMethod method, FlatSgd sgd, Tensor images, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            StepResult result = method.Step(
                new PretrainingBatch(images), new StepContext(i) { Figures = i % 50 == 49 });
            result.Total.backward();
            sgd.Step();
            method.Parameters.ZeroGradients();
        }
    }
}
