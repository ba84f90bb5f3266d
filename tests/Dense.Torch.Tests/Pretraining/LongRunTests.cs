using Dense.Models.Backbones;
using Dense.Pretraining;
using Dense.Torch.Flat;
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
        using var method = new DenseCl(new DenseClSettings
        {
            Backbone = new ResNetSettings { Depth = 18, BaseWidth = 4, NumStages = 2, OutIndices = [2] },
            QueueLength = 64,
            FeatureDim = 16,
            Neck = new DenseClNeckSettings { InChannels = 8, HiddenChannels = 16, OutChannels = 16 },
        });
        method.Place(new PlacementSettings());
        using var sgd = new FlatSgd(
            method.Parameters,
            [new SgdGroup { Names = [.. method.Parameters.Slots.Select(s => s.Name)], LearningRate = 0.01 }]);
        Tensor images = randn([4L, 2, 3, 32, 32]);

        Train(method, sgd, images, 0, Warmup);
        long tensors = Tensor.TotalCount;
        Train(method, sgd, images, Warmup, Steps);

        Assert.Equal(tensors, Tensor.TotalCount);
    }

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
