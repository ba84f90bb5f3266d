using Dense.Models.Layers;
using Dense.Torch.Tests.Tensors;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Models;

[LeakCheck]
public class GroupNormsTests
{
    // Memory that others have used before: TorchSharp's own layer shows what was in it.
    [Fact]
    public void GroupNorm_BeginsWithScaleOneAndShiftZero()
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < 50; i++)
        {
            full(256, 1e30f).Dispose();
            using var norm = new NormSettings { Kind = NormKind.Group }.Create(256);
            Dictionary<string, Tensor> state = norm.state_dict();

            Assert.All(state["weight"].Doubles(), v => Assert.Equal(1, v));
            Assert.All(state["bias"].Doubles(), v => Assert.Equal(0, v));
        }
    }
}
