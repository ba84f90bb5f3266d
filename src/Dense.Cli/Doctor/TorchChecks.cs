using System.Runtime.InteropServices;
using Dense.Torch.Native;
using TorchSharp;

namespace Dense.Cli.Doctor;

/// <summary>
/// libtorch, TorchSharp's shim, a computation. Run in a process of its own: <see cref="DoctorPart"/>.
/// </summary>
internal static class TorchChecks
{
    private const string Reinstall = "Install densecl again: the file is damaged or incomplete.";

    public static void Run()
    {
        DoctorPart.Begin("libtorch");
        try
        {
            NativeStartup.RequireFolder();
            DoctorPart.Report(Finding.Ok("libtorch", NativeStartup.NamedFolder is { } named
                ? $"taken from {named} ({NativeStartup.TorchFolderVariable})"
                : $"taken from {NativeStartup.TorchFolder}"));
        }
        catch (NativeLibraryException e)
        {
            DoctorPart.Report(Finding.Fail("libtorch", e.Message, "See docs/native-libraries.md."));
            return;
        }

        if (!LoadLibraries())
            return;

        CheckVersion();
        if (!HasSymbols() || !LoadShim())
            return;

        Compute();
        CudaChecks.Run();
    }

    private static bool LoadLibraries()
    {
        bool all = true;
        foreach (string name in NativeStartup.TorchLibraries)
        {
            string path = Path.Combine(NativeStartup.TorchFolder, name);
            if (!File.Exists(path))
                continue;

            DoctorPart.Begin(name);
            try
            {
                ElfFile.Read(path); // Complete? A file that was cut short would end this process while it is loaded.
                NativeLibrary.Load(path);
                DoctorPart.Report(Finding.Ok(name, "loads"));
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NativeLibraryException)
            {
                string words = NativeStartup.LoaderWords(e);
                DoctorPart.Report(Finding.Fail(name, $"does not load: {words}", Remedy(words)));
                all = false;
            }
        }

        if (all)
            DoctorPart.Report(Gomp());

        return all;
    }

    private static string Remedy(string words)
    {
        bool Name(params string[] any) => any.Any(w => words.Contains(w, StringComparison.Ordinal));

        return true switch
        {
            _ when Name("libgomp") => "Debian, Ubuntu: apt install libgomp1",
            _ when Name("libcud", "libcublas", "libnccl") =>
                "Add the CUDA libraries' folders (nvidia/*/lib beside torch) to LD_LIBRARY_PATH.",
            _ when Name("not found") => "The system is older than this libtorch: use Debian 12, Ubuntu 22.04 or newer.",
            _ => Reinstall,
        };
    }

    private static Finding Gomp() => ShimSymbols.FindSystemLibrary("libgomp") is { } path
        ? Finding.Ok("libgomp", path)
        : Finding.Ok("libgomp", "not used by this libtorch");

    private static bool LoadShim()
    {
        DoctorPart.Begin(NativeStartup.ShimName);
        string path = Path.Combine(NativeStartup.ShimFolder, NativeStartup.ShimName);
        if (!File.Exists(path))
        {
            DoctorPart.Report(Finding.Fail(NativeStartup.ShimName, $"{path} is missing", Reinstall));
            return false;
        }

        try
        {
            ElfFile.Read(path);
        }
        catch (NativeLibraryException e)
        {
            DoctorPart.Report(Finding.Fail(NativeStartup.ShimName, e.Message, Reinstall));
            return false;
        }

        NativeStartup.Prepare();
        DoctorPart.Report(NativeStartup.Failure is { } failure
            ? Finding.Fail(
                NativeStartup.ShimName, NativeStartup.LoaderWords(failure.InnerException ?? failure), Reinstall)
            : Finding.Ok(NativeStartup.ShimName, NativeStartup.ShimWasRelaxed
                ? "loads, relaxed for this system's older C++ runtime (docs/native-libraries.md)"
                : "loads"));
        return NativeStartup.Failure is null;
    }

    private static unsafe void CheckVersion()
    {
        const string subject = "version pair";
        string sharp = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "?";
        nint library = NativeLibrary.Load(Path.Combine(NativeStartup.TorchFolder, "libtorch_cpu.so"));
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out nint export))
        {
            DoctorPart.Report(Finding.Warn(
                subject,
                $"TorchSharp {sharp} with a libtorch that does not tell its version",
                $"Only libtorch {NativeStartup.TestedTorchVersion} was tested."));
            return;
        }

        // Major, minor and patch in the upper bytes.
        ulong packed = ((delegate* unmanaged<ulong>)export)();
        var version = new Version((int)(packed >> 56), (int)(packed >> 48 & 0xFF));
        string text = $"TorchSharp {sharp} with libtorch {version}";
        DoctorPart.Report(version == NativeStartup.TestedTorchVersion
            ? Finding.Ok(subject, text)
            : Finding.Warn(subject, $"{text}; tested is {NativeStartup.TestedTorchVersion}",
                "It may work, or end the process at some operator. " +
                $"Use PyTorch {NativeStartup.TestedTorchVersion}, or the libtorch that densecl brings."));
    }

    // Only for a libtorch of the user's own: the one that is shipped was built together with the shim.
    private static bool HasSymbols()
    {
        const string subject = "symbols";
        string shim = Path.Combine(NativeStartup.ShimFolder, NativeStartup.ShimName);
        if (NativeStartup.NamedFolder is not { } folder || !File.Exists(shim))
            return true;

        DoctorPart.Begin(subject);
        IReadOnlyList<string> missing = ShimSymbols.MissingFrom(shim, folder);
        string names = string.Join(", ", missing.Take(5)) + (missing.Count > 5 ? ", …" : "");
        DoctorPart.Report(missing.Count == 0
            ? Finding.Ok(subject, "this libtorch has everything that TorchSharp calls")
            : Finding.Fail(
                subject,
                $"this libtorch lacks {missing.Count} of the functions that TorchSharp calls: {names}",
                $"Use PyTorch {NativeStartup.TestedTorchVersion} (c++filt shows the functions' names)."));
        return missing.Count == 0;
    }

    private static void Compute()
    {
        const string subject = "computation";
        DoctorPart.Begin(subject);
        try
        {
            using var scope = torch.NewDisposeScope();
            var x = torch.ones(1, 3, 8, 8);
            var weight = torch.ones(4, 3, 3, 3, requires_grad: true);
            var sum = torch.nn.functional.conv2d(x, weight).sum();
            sum.backward();

            // 4 channels of 6·6 positions, each the sum of 3·3·3 ones; each weight is used at 36 positions.
            bool right = sum.item<float>() == 4 * 36 * 27 && weight.grad!.sum().item<float>() == 36 * 4 * 27;
            DoctorPart.Report(right
                ? Finding.Ok(subject, "a convolution and its gradient are right")
                : Finding.Fail(subject, "a convolution gave a wrong result", Reinstall));
        }
        catch (Exception e) when (e is TypeInitializationException or ExternalException or DllNotFoundException
            or EntryPointNotFoundException)
        {
            string words = NativeStartup.LoaderWords(e.GetBaseException());
            DoctorPart.Report(Finding.Fail(subject, $"failed: {words}", Reinstall));
        }
    }
}
