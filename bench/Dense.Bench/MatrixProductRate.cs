using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>How fast the machine multiplies matrices now: the yardstick of what consists of products.</summary>
internal static class MatrixProductRate
{
    private const int Side = 2048;

    /// <summary>10⁹ floating-point operations per second of CPU time: the median of three products.</summary>
    public static double Gigaflops(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(Side, Side).to(type), b = randn(Side, Side).to(type);
        _ = a.matmul(b);
        double seconds = CpuClock.Median(Enumerable.Range(0, 3).Select(_ => CpuClock.Seconds(() => a.matmul(b))));
        return 2e-9 * Side * Side * Side / seconds;
    }
}
