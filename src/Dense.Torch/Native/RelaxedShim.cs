using System.Runtime.InteropServices;

namespace Dense.Torch.Native;

/// <summary>
/// Loads a copy of TorchSharp's shim in which one version requirement is weak. From memory where the system allows it:
/// that needs no writable folder, and none that allows execution.
/// </summary>
internal static class RelaxedShim
{
    private const uint CloseOnExec = 1; // MFD_CLOEXEC: child processes do not inherit the descriptor.

    /// <summary>Loads the copy.</summary>
    /// <exception cref="NativeLibraryException">The file has no such requirement, or is damaged.</exception>
    /// <exception cref="DllNotFoundException">The loader refuses the copy too.</exception>
    public static void Load(string shim, string requirement)
    {
        byte[] image = File.ReadAllBytes(shim);
        if (!ElfVersionNeeds.Relax(image, requirement))
            throw new NativeLibraryException($"{shim}: no requirement {requirement} to relax. Install densecl again.");

        int descriptor = MemoryFile(NativeStartup.ShimName, CloseOnExec);
        if (descriptor >= 0)
            LoadFrom($"/proc/self/fd/{descriptor}", image); // Stays open: the loader knows the library by this path.
        else
            LoadFromTemporaryFile(image);
    }

    // Containers may forbid files in memory. The mapping outlives the file's name.
    private static void LoadFromTemporaryFile(byte[] image)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl");
        try
        {
            LoadFrom(Path.Combine(folder.FullName, NativeStartup.ShimName), image);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void LoadFrom(string path, byte[] image)
    {
        using (var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write))
            stream.Write(image);

        NativeLibrary.Load(path);
    }

    [DllImport("libc", EntryPoint = "memfd_create", CharSet = CharSet.Ansi, BestFitMapping = false,
        ThrowOnUnmappableChar = true)]
    private static extern int MemoryFile(string name, uint flags);
}
