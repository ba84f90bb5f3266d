using System.Runtime.InteropServices;
using TorchSharp;

namespace Dense.Training.Detection.Logging;

/// <summary>What people paste into reports (E-27).</summary>
public static class EnvironmentTable
{
    /// <summary>Two columns: machine, runtime, libraries, devices.</summary>
    public static string Text()
    {
        var rows = new List<(string Name, string Value)>
        {
            ("densecl", typeof(EnvironmentTable).Assembly.GetName().Version!.ToString(3)),
            ("platform", $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}"),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("TorchSharp", typeof(torch).Assembly.GetName().Version!.ToString(3)),
            ("libtorch", torch.__version__),
            ("cores, threads", $"{Environment.ProcessorCount}, {torch.get_num_threads()}"),
            ("CUDA devices", torch.cuda.is_available() ? $"{torch.cuda.device_count()}" : "none"),
            ("image library", $"SkiaSharp {typeof(SkiaSharp.SKImage).Assembly.GetName().Version!.ToString(3)}"),
        };
        int width = rows.Max(r => r.Name.Length) + 2;
        return string.Join('\n', rows.Select(r => r.Name.PadRight(width) + r.Value));
    }
}
