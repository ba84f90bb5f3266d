namespace Dense.Torch.Native;

/// <summary>
/// Whether a libtorch other than the tested one has what TorchSharp's shim calls. The shim binds functions at their
/// first call, so a missing one would otherwise end the process in the middle of a run.
/// </summary>
public static class ShimSymbols
{
    // Marks that <iostream> was included; nothing calls it: see NativeStartup.
    private const string NeverCalled = "_ZSt21ios_base_library_initv";

    private static readonly string[] SystemLibraries =
        ["libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2"];

    private static readonly string[] SystemFolders =
        ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib"];

    /// <summary>Symbols that the shim needs and that neither libtorch nor the system's libraries export.</summary>
    /// <param name="shim">TorchSharp's <c>libLibTorchSharp.so</c>.</param>
    /// <param name="torchFolder">A folder with libtorch; libraries that are absent count as empty.</param>
    /// <exception cref="NativeLibraryException">A library cannot be read.</exception>
    public static IReadOnlyList<string> MissingFrom(string shim, string torchFolder)
    {
        IEnumerable<string> torch = NativeStartup.TorchLibraries.Select(n => Path.Combine(torchFolder, n)).Where(
            File.Exists);
        IEnumerable<string> system = SystemLibraries.Select(FindSystemLibrary).OfType<string>();
        List<ElfFile> libraries = [.. torch.Concat(system).Select(ElfFile.Read)];
        return [.. ElfFile.Read(shim).Undefined
            .Where(symbol => symbol != NeverCalled && !libraries.Any(l => l.Exported.Contains(symbol)))];
    }

    /// <summary>
    /// Where a library of the system is: where this process loaded it from, else in the usual folders.
    /// </summary>
    /// <param name="name">Its name with version, such as <c>libstdc++.so.6</c>.</param>
    /// <returns>Null when it is nowhere.</returns>
    public static string? FindSystemLibrary(string name) =>
        File.ReadLines("/proc/self/maps")
            .Select(line => line[Math.Max(0, line.IndexOf('/'))..])
            .Where(path => path.StartsWith('/') && Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal))
            .FirstOrDefault(File.Exists)
        ?? SystemFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
