using System.Runtime.InteropServices;
using Dense.Torch.Native;
using TorchSharp;

namespace Dense.Training.Detection.Logging;

/// <summary>What people paste into reports (E-27).</summary>
public static class EnvironmentTable
{
    /// <summary>Two columns: machine, runtime, libraries, devices.</summary>
    public static string Text()
    {
        (string Name, string Value)[] rows =
        [
            ("densecl", typeof(EnvironmentTable).Assembly.GetName().Version!.ToString(3)),
            ("platform", $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}"),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("TorchSharp", typeof(torch).Assembly.GetName().Version!.ToString(3)),
            ("libtorch", torch.__version__),
            ("cores, threads", $"{Environment.ProcessorCount}, {torch.get_num_threads()}"),
            .. CudaInventory.Rows(),
            ("image library", $"SkiaSharp {typeof(SkiaSharp.SKImage).Assembly.GetName().Version!.ToString(3)}"),
        ];
        int width = rows.Max(r => r.Name.Length) + 2;
        return string.Join('\n', rows.Select(r => r.Name.PadRight(width) + r.Value));
    }
}
