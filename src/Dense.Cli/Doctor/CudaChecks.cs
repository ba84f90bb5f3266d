using System.Runtime.InteropServices;
using Dense.Distributed.Nccl;
using Dense.Torch.Native;
using TorchSharp;

namespace Dense.Cli.Doctor;

/// <summary>NVIDIA's driver and libtorch's CUDA part: each is useless without the other. Optional.</summary>
internal static class CudaChecks
{
    private const string Subject = "CUDA";

    /// <summary>Reports one finding. libtorch is loaded.</summary>
    public static void Run()
    {
        DoctorPart.Begin(Subject);
        bool library = File.Exists(Path.Combine(NativeStartup.TorchFolder, "libtorch_cuda.so"));
        int? devices = DevicesOfDriver();
        int usable = library && devices > 0 && torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        DoctorPart.Report(Judge(library, devices, usable));
        if (usable < 2)
            return;

        DoctorPart.Begin("NCCL");
        DoctorPart.Report(Nccl());
    }

    /// <summary>Puts the facts together.</summary>
    /// <param name="library">Whether libtorch has its CUDA part.</param>
    /// <param name="devices">GPUs that the driver sees; null without a driver.</param>
    /// <param name="usable">GPUs that libtorch can use.</param>
    internal static Finding Judge(bool library, int? devices, int usable) => (library, devices) switch
    {
        (true, > 0) when usable > 0 => Finding.Ok(Subject, $"{usable} GPU(s)"),
        (true, > 0) => Finding.Warn(Subject, $"the driver sees {devices} GPU(s), but this libtorch cannot use them",
            "The driver is probably older than this libtorch's CUDA 12.8: update it."),
        (true, _) => Finding.Warn(Subject, devices is null
            ? "this libtorch can use GPUs, but NVIDIA's driver (libcuda.so.1) is not there"
            : "this libtorch can use GPUs, but the driver sees none",
            "Install the driver, or give the container its GPUs (docker run --gpus all). " +
            "Without, everything runs on the processor."),
        (false, > 0) => Finding.Warn(
            Subject,
            $"the driver sees {devices} GPU(s), but this libtorch was built without CUDA",
            "Build with -p:TorchBackend=cuda, or with -p:TorchBackend=none and " +
            $"{NativeStartup.TorchFolderVariable} set to torch/lib of a PyTorch with CUDA."),
        _ => Finding.Ok(Subject, "no GPU; everything runs on the processor"),
    };

    private static Finding Nccl()
    {
        try
        {
            _ = NcclLibrary.Require();
            return Finding.Ok("NCCL", "loads; processes on GPUs can exchange tensors");
        }
        catch (NcclNotFoundException e)
        {
            return Finding.Warn("NCCL", "is not there; only one GPU can be used", e.Message);
        }
    }

    private static unsafe int? DevicesOfDriver()
    {
        if (!NativeLibrary.TryLoad("libcuda.so.1", out nint driver))
            return null;

        int count = 0;
        bool answers = NativeLibrary.TryGetExport(driver, "cuInit", out nint init)
            && NativeLibrary.TryGetExport(driver, "cuDeviceGetCount", out nint getCount)
            && ((delegate* unmanaged<uint, int>)init)(0) == 0
            && ((delegate* unmanaged<int*, int>)getCount)(&count) == 0;
        return answers ? count : 0;
    }
}
