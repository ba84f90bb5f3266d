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

    /// <summary>
    /// An application switch (<see cref="AppContext.SetSwitch"/>) that keeps libtorch from being loaded as soon as an
    /// assembly is touched; <see cref="Require"/> loads it then.
    /// </summary>
    public const string OnRequestSwitch = "Dense.Torch.LoadOnRequest";

    /// <summary>TorchSharp's C interface to libtorch.</summary>
    public const string ShimName = "libLibTorchSharp.so";

    /// <summary>The libtorch that the shim was built for and that everything here was tested with.</summary>
    public static readonly Version TestedTorchVersion = new(2, 10);

    // The shim was linked by GCC 15: this version stands for std::ios_base_library_init, which marks that <iostream>
    // was included and which no relocation refers to.
    private const string UnusedRequirement = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static bool _prepared;

    /// <summary>Libraries in the order in which they depend on each other; those of CUDA may be absent.</summary>
    public static IReadOnlyList<string> TorchLibraries { get; } =
        ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>Those without which nothing works.</summary>
    public static IReadOnlyList<string> RequiredLibraries { get; } = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Why libtorch could not be loaded; null when it could. Set by <see cref="Prepare"/>.</summary>
    public static NativeLibraryException? Failure { get; private set; }

    /// <summary>Whether the shim had to be relaxed for this system's C++ runtime.</summary>
    public static bool ShimWasRelaxed { get; private set; }

    /// <summary>The folder that holds the shim.</summary>
    public static string ShimFolder { get; } = FindShimFolder();

    /// <summary>The folder that the user named, or null.</summary>
    public static string? NamedFolder { get; } =
        Environment.GetEnvironmentVariable(TorchFolderVariable) is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : null;

    /// <summary>The folder that libtorch is taken from.</summary>
    public static string TorchFolder => NamedFolder ?? ShimFolder;

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
                string shim = Path.Combine(ShimFolder, ShimName);
                if (!File.Exists(shim) && NamedFolder is null)
                    return; // An application that uses Dense libraries may bring libtorch its own way.

                RequireFolder();

                LoadTorch();
                LoadShim(shim);
                HeapPolicy.Apply();
            }
            catch (Exception e) when (
                e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
                or IOException or UnauthorizedAccessException or NativeLibraryException)
            {
                Failure = e as NativeLibraryException ?? new NativeLibraryException(
                    $"libtorch does not load: {LoaderWords(e)}. For the cause and the remedy run: densecl doctor", e);
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

    /// <summary>The line in which the system's loader says what is wrong, without .NET's advice around it.</summary>
    /// <param name="e">What loading a library threw.</param>
    public static string LoaderWords(Exception e)
    {
        ArgumentNullException.ThrowIfNull(e);

        string[] lines = e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? words = lines.FirstOrDefault(l => l.StartsWith('/') && l.Contains(": ", StringComparison.Ordinal));
        return (words ?? lines[^1]).TrimEnd('.');
    }

    /// <summary>Throws when the folder that libtorch is taken from cannot work; loads nothing.</summary>
    /// <exception cref="NativeLibraryException">Names the folder and the remedy.</exception>
    public static void RequireFolder()
    {
        if (NamedFolder is not null && !Directory.Exists(NamedFolder))
        {
            throw new NativeLibraryException(
                $"{TorchFolderVariable} names {NamedFolder}, which is no folder. Name the " +
                "folder that holds libtorch_cpu.so, or unset it to use the libtorch beside the program.");
        }

        string[] missing = [.. RequiredLibraries.Where(name => !File.Exists(Path.Combine(TorchFolder, name)))];
        if (missing.Length > 0)
        {
            string remedy = NamedFolder is null
                ? "This build has no complete libtorch of its own: install it again, or set " +
                    $"{TorchFolderVariable} to torch/lib of an installed PyTorch {TestedTorchVersion}"
                : $"{TorchFolderVariable} must name the folder that holds it: torch/lib in an installed PyTorch";
            throw new NativeLibraryException(
                $"{TorchFolder}: expected libtorch here, missing: {string.Join(", ", missing)}. {remedy}.");
        }

        // TorchSharp looks beside the program first and would map that copy as well; two copies abort the process.
        string own = Path.Combine(ShimFolder, "libtorch_cpu.so");
        string used = Path.Combine(TorchFolder, "libtorch_cpu.so");
        if (NamedFolder is not null && File.Exists(own) && RealPath(own) != RealPath(used))
        {
            throw new NativeLibraryException($"{TorchFolderVariable} names {NamedFolder}, but the program " +
                $"brings another libtorch: {own}. Two cannot be loaded. Unset {TorchFolderVariable}, or build with " +
                "-p:TorchBackend=none, or remove libtorch*.so and libc10*.so beside the program.");
        }
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

    private static void LoadShim(string shim)
    {
        if (!File.Exists(shim))
            throw new NativeLibraryException($"{shim}: TorchSharp's native part is missing. Install densecl again.");

        try
        {
            NativeLibrary.Load(shim);
        }
        catch (DllNotFoundException e) when (e.Message.Contains(UnusedRequirement, StringComparison.Ordinal))
        {
            RelaxedShim.Load(shim, UnusedRequirement);
            ShimWasRelaxed = true;
        }
    }

    // Libraries may be links, in the package cache's place of each file or in that of a whole folder.
    private static string RealPath(string path)
    {
        string full = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full)!;
        string real = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;
        return Path.Combine(real, Path.GetFileName(full));
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

    [DllImport(
        "libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
