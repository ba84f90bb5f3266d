using System.Runtime.InteropServices;
using TorchSharp;

namespace Dense.Torch.Native;

/// <summary>
/// What NVIDIA's driver and the CUDA libraries of libtorch say of themselves (E-27). TorchSharp does not tell, so that
/// they are asked directly; what does not answer is left out.
/// </summary>
public static unsafe class CudaInventory
{
    private const string DriverFile = "/proc/driver/nvidia/version";
    private const int MajorAttribute = 75, MinorAttribute = 76, MostNameBytes = 256;

    /// <summary>Names and values for a table: devices, driver, CUDA, cuDNN. libtorch is loaded.</summary>
    public static IReadOnlyList<(string Name, string Value)> Rows()
    {
        if (!torch.cuda.is_available())
            return [("CUDA devices", "none")];

        int count = torch.cuda.device_count();
        var rows = new List<(string, string)> { ("CUDA devices", $"{count}") };
        if (NativeLibrary.TryLoad("libcuda.so.1", out nint driver))
        {
            rows.AddRange(Enumerable.Range(0, count).Select(i => ($"GPU {i}", DeviceOf(driver, i))));
            if (Ask(driver, "cuDriverGetVersion") is { } version)
                rows.Add(("CUDA of the driver", CudaText(version)));
        }

        if (File.Exists(DriverFile))
            rows.Add(("driver", File.ReadLines(DriverFile).FirstOrDefault("").Trim()));
        if (Loaded("libcudart") is { } runtime && Ask(runtime, "cudaRuntimeGetVersion") is { } cuda)
            rows.Add(("CUDA of libtorch", CudaText(cuda)));
        if (Loaded("libcudnn.so") is { } cudnn && NativeLibrary.TryGetExport(cudnn, "cudnnGetVersion", out nint ask))
            rows.Add(("cuDNN", CudnnText((long)((delegate* unmanaged<nuint>)ask)())));
        return rows;
    }

    /// <summary>12080 is 12.8.</summary>
    internal static string CudaText(int version) => $"{version / 1000}.{version % 1000 / 10}";

    /// <summary>90800 is 9.8.0; before version 9 the major number counted thousands.</summary>
    internal static string CudnnText(long version)
    {
        long unit = version >= 10_000 ? 10_000 : 1_000;
        return $"{version / unit}.{version % unit / 100}.{version % 100}";
    }

    private static string DeviceOf(nint driver, int index)
    {
        if (!NativeLibrary.TryGetExport(driver, "cuDeviceGet", out nint get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetName", out nint getName)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out nint getAttribute))
        {
            return "unknown";
        }

        int device = 0, major = 0, minor = 0;
        byte* name = stackalloc byte[MostNameBytes];
        bool answers = ((delegate* unmanaged<int*, int, int>)get)(&device, index) == 0
            && ((delegate* unmanaged<byte*, int, int, int>)getName)(name, MostNameBytes, device) == 0
            && ((delegate* unmanaged<int*, int, int, int>)getAttribute)(&major, MajorAttribute, device) == 0
            && ((delegate* unmanaged<int*, int, int, int>)getAttribute)(&minor, MinorAttribute, device) == 0;
        return answers ? $"{Marshal.PtrToStringUTF8((nint)name)} (arch={major}.{minor})" : "unknown";
    }

    private static int? Ask(nint library, string function)
    {
        int version = 0;
        return NativeLibrary.TryGetExport(library, function, out nint ask)
            && ((delegate* unmanaged<int*, int>)ask)(&version) == 0 ? version : null;
    }

    // Names of libraries inside libtorch may hold a hash, and only the one that is in use says something.
    private static nint? Loaded(string name)
    {
        string? path = File.ReadLines("/proc/self/maps")
            .Select(line => line[Math.Max(0, line.IndexOf('/'))..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));
        return path is not null && NativeLibrary.TryLoad(path, out nint handle) ? handle : null;
    }
}
