using System.Runtime.InteropServices;
using Dense.Torch.Native;

namespace Dense.Distributed.Nccl;

/// <summary>
/// Finds NCCL: beside libtorch, among the packages of the PyTorch that libtorch belongs to, on the loader's path, or
/// inside libtorch's own CUDA library.
/// </summary>
public static class NcclLibrary
{
    /// <summary>The library's name.</summary>
    public const string Name = "libnccl.so.2";

    private const string Carrier = "libtorch_cuda.so";

    // What every NCCL since 2.4 exports; a libtorch that was linked with NCCL may keep it to itself.
    private const string Mark = "ncclCommGetAsyncError";

    /// <summary>Where NCCL may lie, in the order in which the places are looked at.</summary>
    /// <param name="torchFolder">The folder that libtorch is taken from.</param>
    /// <returns>Paths, and a bare name where the system's loader searches.</returns>
    public static IReadOnlyList<string> Candidates(string torchFolder) =>
    [
        Path.Combine(torchFolder, Name),
        Path.GetFullPath(Path.Combine(torchFolder, "..", "..", "nvidia", "nccl", "lib", Name)),
        Name,
        Path.Combine(torchFolder, Carrier),
    ];

    /// <summary>Loads NCCL.</summary>
    /// <returns>The library's handle.</returns>
    /// <exception cref="NcclNotFoundException">It cannot be used; the message says where was looked.</exception>
    public static nint Require() => Load(Candidates(NativeStartup.TorchFolder));

    /// <summary>Loads the first library that can be used.</summary>
    /// <param name="candidates">See <see cref="Candidates"/>.</param>
    /// <exception cref="NcclNotFoundException">None can; the message says where was looked.</exception>
    internal static nint Load(IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle) && NativeLibrary.TryGetExport(handle, Mark, out _))
                return handle;
        }

        throw new NcclNotFoundException(
            "Ranks exchange CUDA tensors by NCCL 2.4 or newer; it does not load. Looked at: "
            + $"{string.Join(", ", candidates)}. Install it (Debian, Ubuntu with NVIDIA's packages: apt install "
            + "libnccl2; an environment with PyTorch: set "
            + $"{NativeStartup.TorchFolderVariable} to its torch/lib), or put its folder on LD_LIBRARY_PATH.");
    }
}
