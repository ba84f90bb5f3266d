using System.Runtime.InteropServices;
using Dense.Distributed.Mpi;

namespace Dense.Bench;

/// <summary>MPI without anything of ours.</summary>
internal static unsafe class BareMpi
{
    private const string Library = OpenMpiLibrary.Name;
    private static readonly nint Handle = NativeLibrary.Load(Library);
    private static readonly nint World = NativeLibrary.GetExport(Handle, "ompi_mpi_comm_world");
    private static readonly nint Float = NativeLibrary.GetExport(Handle, "ompi_mpi_float");
    private static readonly nint Addition = NativeLibrary.GetExport(Handle, "ompi_mpi_op_sum");

    /// <summary>Sums floats over the ranks, in place.</summary>
    public static void Sum(void* buffer, int count)
    {
        if (AllReduce((void*)1, buffer, count, Float, Addition, World) != 0)
            throw new InvalidOperationException("MPI_Allreduce failed.");
    }

    [DllImport(Library, EntryPoint = "MPI_Allreduce")]
    private static extern int AllReduce(void* send, void* receive, int count, nint type, nint operation, nint world);
}
