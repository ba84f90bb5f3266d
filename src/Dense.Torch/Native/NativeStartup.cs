using System.Runtime.InteropServices;

namespace Dense.Torch.Native;

/// <summary>
/// Loads libtorch and TorchSharp's shim before TorchSharp does. A library that is mapped already satisfies every later
/// request for its name, so this decides where libtorch comes from and cures the shim on systems whose C++ runtime is
/// older than GCC 13 (docs/native-libraries.md).
/// </summary>
public static class NativeStartup
{
    /// <summary>The environment variable that names a folder with another libtorch, such as <c>torch/lib</c> of an
    /// installed PyTorch.</summary>
    public const string TorchFolderVariable = "DENSECL_LIBTORCH";

    /// <summary>TorchSharp's C interface to libtorch.</summary>
    public const string ShimName = "libLibTorchSharp.so";

    // The shim was linked by GCC 15: this version stands for std::ios_base_library_init, which marks that <iostream>
    // was included and which no relocation refers to.
    private const string UnusedRequirement = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static bool _prepared;

    /// <summary>Libraries in the order in which they depend on each other; those that are absent are left out.</summary>
    public static IReadOnlyList<string> TorchLibraries { get; } =
        ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>Why libtorch could not be loaded; null when it could. Set by <see cref="Prepare"/>.</summary>
    public static NativeLibraryException? Failure { get; private set; }

    /// <summary>Whether the shim had to be relaxed for this system's C++ runtime.</summary>
    public static bool ShimWasRelaxed { get; private set; }

    /// <summary>The folder that holds the shim.</summary>
    public static string ShimFolder { get; } = FindShimFolder();

    /// <summary>The folder that libtorch is taken from.</summary>
    public static string TorchFolder { get; } =
        Environment.GetEnvironmentVariable(TorchFolderVariable) is { Length: > 0 } folder ? folder : ShimFolder;

    /// <summary>Loads the native libraries once per process. Does not throw: see <see cref="Failure"/>.</summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return;

        lock (Gate)
        {
            if (_prepared)
                return;

            _prepared = true;
            try
            {
                SetDefault("OMP_WAIT_POLICY", "PASSIVE");
                LoadTorch();
                LoadShim();
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException
                or UnauthorizedAccessException or NativeLibraryException)
            {
                Failure = e as NativeLibraryException ?? new NativeLibraryException(e.Message, e);
            }
        }
    }

    /// <summary>Call before the first use of libtorch.</summary>
    /// <exception cref="NativeLibraryException">libtorch did not load.</exception>
    public static void Require()
    {
        Prepare();
        if (Failure is not null)
            throw Failure;
    }

    private static void LoadTorch()
    {
        foreach (string name in TorchLibraries)
        {
            string path = Path.Combine(TorchFolder, name);
            if (File.Exists(path))
                NativeLibrary.Load(path);
        }
    }

    private static void LoadShim()
    {
        string shim = Path.Combine(ShimFolder, ShimName);
        if (!File.Exists(shim))
            return; // An application that uses Dense libraries may bring libtorch its own way.

        try
        {
            NativeLibrary.Load(shim);
        }
        catch (DllNotFoundException e) when (e.Message.Contains(UnusedRequirement, StringComparison.Ordinal))
        {
            LoadRelaxed(shim);
            ShimWasRelaxed = true;
        }
    }

    // From memory, not from a temporary file: it needs no writable folder, and none that allows execution.
    private static void LoadRelaxed(string shim)
    {
        byte[] image = File.ReadAllBytes(shim);
        if (!ElfVersionNeeds.Relax(image, UnusedRequirement))
            throw new NativeLibraryException($"{shim}: no requirement {UnusedRequirement} to relax.");

        // The descriptor stays open for the life of the process: the loader knows the library by this path.
        int descriptor = MemoryFile(ShimName, flags: 0);
        if (descriptor < 0)
            throw new NativeLibraryException($"{shim}: memfd_create failed with error {Marshal.GetLastPInvokeError()}.");

        string path = $"/proc/self/fd/{descriptor}";
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write))
            stream.Write(image);

        NativeLibrary.Load(path);
    }

    // AppContext.BaseDirectory after publishing or with a runtime identifier, else the RID folder below it.
    private static string FindShimFolder()
    {
        string own = AppContext.BaseDirectory;
        string portable = Path.Combine(own, "runtimes", "linux-x64", "native");
        return File.Exists(Path.Combine(portable, ShimName)) ? portable : own;
    }

    // libgomp reads the C environment, which Environment.SetEnvironmentVariable does not change.
    private static void SetDefault(string name, string value) => _ = SetEnvironment(name, value, overwrite: 0);

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnvironment(string name, string value, int overwrite);

    [DllImport("libc", EntryPoint = "memfd_create", CharSet = CharSet.Ansi, SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MemoryFile(string name, uint flags);
}
