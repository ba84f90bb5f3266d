using System.Runtime.InteropServices;

namespace Dense.Distributed.Mpi;

/// <summary>Finds Open MPI 4 or 5: on the loader's path, else beside <c>mpirun</c>.</summary>
public static class OpenMpiLibrary
{
    /// <summary>The library's name; both major versions keep it.</summary>
    public const string Name = "libmpi.so.40";

    private const string Remedy =
        "Debian, Ubuntu: apt install openmpi-bin. Elsewhere: put Open MPI's lib folder on LD_LIBRARY_PATH, or its bin "
        + "folder on PATH (module load openmpi).";

    private static readonly string[] SessionTools = ["setpriv", "setsid"];

    private static readonly Lazy<nint> Handle = new(Load);

    /// <summary>The loaded library.</summary>
    /// <exception cref="MpiNotFoundException">It is not there, or it is not Open MPI.</exception>
    internal static nint Require() => Handle.Value;

    /// <summary>Makes sure that this machine has what a job of several processes needs: the library, <c>mpirun</c>,
    /// and the tools that start it in a session of its own, which ends with this process.</summary>
    /// <returns>The first <c>mpirun</c> on <c>PATH</c>.</returns>
    /// <exception cref="MpiNotFoundException">Something is missing.</exception>
    public static string RequireForJob()
    {
        string launcher = OnPath("mpirun") ?? throw Missing("mpirun of Open MPI", Remedy);
        foreach (string tool in SessionTools.Where(t => OnPath(t) is null))
            throw Missing($"{tool} of util-linux", "Install it, or start mpirun yourself (docs/distributed.md).");

        _ = Export("ompi_mpi_comm_world");
        return launcher;
    }

    /// <summary>The address of an exported object, which is what Open MPI uses as a handle.</summary>
    internal static nint Export(string name) => NativeLibrary.TryGetExport(Require(), name, out nint address)
        ? address
        : throw new MpiNotFoundException(
            $"{Name} has no {name}: it is not the Open MPI 4 or 5 that this program needs. {Remedy}");

    private static nint Load()
    {
        foreach (string candidate in Candidates())
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
                return handle;
        }

        throw new MpiNotFoundException(
            $"Several processes talk by Open MPI; {Name} does not load. {Remedy}");
    }

    private static IEnumerable<string> Candidates()
    {
        yield return Name;
        if (OnPath("mpirun") is not { } launcher)
            yield break;

        string real = new FileInfo(launcher).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? launcher;
        string prefix = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(real)!, ".."));
        foreach (string folder in (string[])["lib", "lib64", "lib/openmpi"])
            yield return Path.Combine(prefix, folder, Name);
    }

    private static MpiNotFoundException Missing(string program, string remedy) =>
        new($"Several processes need {program}; it is not on PATH. {remedy}");

    private static string? OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
