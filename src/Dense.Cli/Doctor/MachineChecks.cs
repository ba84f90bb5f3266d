using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Dense.Torch.Native;

namespace Dense.Cli.Doctor;

/// <summary>Operating system, C and C++ runtime, processor, memory. Loads nothing.</summary>
internal static class MachineChecks
{
    // What libLibTorchSharp.so of TorchSharp 0.107 asks for.
    private static readonly Version OldestGlibc = new(2, 34);
    private static readonly Version UncuredCppRuntime = new(3, 4, 32);
    private static readonly Version OldestCppRuntime = new(3, 4, 30);

    private const double GiB = 1L << 30;

    public static IEnumerable<Finding> Run() => [System(), Glibc(), CppRuntime(), Processor(), Memory()];

    private static Finding System()
    {
        const string subject = "system";
        string text =
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, .NET {Environment.Version}";
        return OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            ? Finding.Ok(subject, text)
            : Finding.Fail(
                subject, text, "densecl is built for Linux on x64. Use such a machine, a container or WSL 2.");
    }

    private static Finding Glibc()
    {
        const string subject = "C library";
        string? text;
        try
        {
            text = Marshal.PtrToStringUTF8(GlibcVersion());
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return Finding.Fail(
                subject,
                "not glibc (musl, as in Alpine?)",
                "Use a distribution with glibc, such as Debian 12 or Ubuntu 22.04.");
        }

        return Version.TryParse(text, out Version? version) && version < OldestGlibc
            ? Finding.Fail(
                subject,
                $"glibc {text}, needed is {OldestGlibc}",
                "Use Debian 12, Ubuntu 22.04 or newer, or a container of one.")
            : Finding.Ok(subject, $"glibc {text}");
    }

    private static Finding CppRuntime()
    {
        const string subject = "C++ runtime";
        if (ShimSymbols.FindSystemLibrary("libstdc++.so.6") is not { } path)
            return Finding.Fail(subject, "libstdc++.so.6 is not there", "Debian, Ubuntu: apt install libstdc++6");

        try
        {
            Version? version = ElfFile.Read(path).HighestVersion("GLIBCXX_");
            string text = $"{path}, GLIBCXX_{version}";
            if (version < OldestCppRuntime)
            {
                return Finding.Fail(
                    subject,
                    $"{text}, needed is GLIBCXX_{OldestCppRuntime}",
                    "Update libstdc++6 to that of GCC 12 or newer.");
            }

            bool cured = version < UncuredCppRuntime;
            return Finding.Ok(
                subject, cured ? $"{text}, older than TorchSharp asks for, which is cured at start" : text);
        }
        catch (NativeLibraryException e)
        {
            return Finding.Fail(subject, e.Message, "Debian, Ubuntu: apt install --reinstall libstdc++6");
        }
    }

    private static Finding Processor()
    {
        const string subject = "processor";
        string[] flags = !File.Exists("/proc/cpuinfo")
            ? []
            : File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        string[] features =
        [
            .. Avx2.IsSupported ? ["AVX2"] : Array.Empty<string>(),
            .. Avx512F.IsSupported ? ["AVX-512"] : Array.Empty<string>(),
            .. flags.Contains("avx512_bf16") || flags.Contains("amx_bf16") ? ["bfloat16"] : Array.Empty<string>(),
        ];
        string named = features.Length > 0 ? string.Join(", ", features) : "no AVX2";
        string text = $"{Environment.ProcessorCount} threads; {named}";
        return Avx2.IsSupported
            ? Finding.Ok(subject, text)
            : Finding.Warn(subject, text, "Everything works, several times slower. Use a processor of 2013 or newer.");
    }

    private static Finding Memory()
    {
        const string subject = "memory";
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / GiB;
        return available < 4
            ? Finding.Warn(
                subject,
                $"{available:F1} GiB",
                "Training a ResNet-50 needs more: use small batches or a larger machine.")
            : Finding.Ok(subject, $"{available:F1} GiB");
    }

    [DllImport("libc.so.6", EntryPoint = "gnu_get_libc_version")]
    private static extern nint GlibcVersion();
}
