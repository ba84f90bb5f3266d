using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// How fast the machine convolves now: the yardstick of networks that consist of convolutions. One as detectors have
/// them, 3×3 with 256 channels over a map of 100×167, counted as <see cref="ConvolutionFlops"/> counts.
/// </summary>
internal static class ConvolutionRate
{
    private const int Channels = 256, Height = 100, Width = 167, Kernel = 3;

    /// <summary>10⁹ floating-point operations per second of CPU time: the median of three passes.</summary>
    public static double Gigaflops()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor map = randn(1, Channels, Height, Width), weight = randn(Channels, Channels, Kernel, Kernel);
        Pass();
        double seconds = CpuClock.Median(Enumerable.Range(0, 3).Select(_ => CpuClock.Seconds(Pass)));
        return 2e-9 * Channels * Channels * Kernel * Kernel * Height * Width / seconds;

        void Pass() => _ = nn.functional.conv2d(map, weight, padding: [1, 1]);
    }
}
