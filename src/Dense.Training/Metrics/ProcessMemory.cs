using System.Diagnostics;
using TorchSharp;

namespace Dense.Training.Metrics;

/// <summary>How much memory this process holds, and how many tensors: what shows a leak early.</summary>
/// <param name="ResidentBytes">Memory in use now, in bytes.</param>
/// <param name="PeakResidentBytes">The most that was ever in use, in bytes.</param>
/// <param name="LiveTensors">Tensors that are not disposed.</param>
public readonly record struct ProcessMemory(long ResidentBytes, long PeakResidentBytes, long LiveTensors)
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary><see cref="PeakResidentBytes"/> in MiB, the unit of the logs.</summary>
    public double PeakMebibytes => PeakResidentBytes / Mebibyte;

    /// <summary><see cref="ResidentBytes"/> in MiB.</summary>
    public double ResidentMebibytes => ResidentBytes / Mebibyte;

    /// <summary>Reads the figures of this process.</summary>
    public static ProcessMemory Read()
    {
        using var process = Process.GetCurrentProcess();
        return new ProcessMemory(process.WorkingSet64, process.PeakWorkingSet64, torch.Tensor.TotalCount);
    }
}
