using Dense.Torch.Native;
using TorchSharp;

namespace Dense.Torch.Tests;

public class NativeStartupTests
{
    [Fact]
    public void Libtorch_LoadsAndComputes()
    {
        using var ones = torch.ones(3, 4);
        using var sum = ones.sum();

        Assert.Null(NativeStartup.Failure);
        Assert.Equal(12f, sum.item<float>());
    }
}
