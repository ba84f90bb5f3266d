using System.Runtime.InteropServices;
using System.Text;

namespace Dense.Distributed.Mpi;

/// <summary>
/// The functions of Open MPI that are used here. Its handles are addresses of exported objects, so this does not fit
/// libraries of the MPICH family, whose handles are numbers.
/// </summary>
internal static unsafe class OpenMpi
{
    private const string Library = OpenMpiLibrary.Name;

    // MPI_THREAD_SERIALIZED: collectives come from several threads (backward of a CUDA device has its own), never at
    // once.
    private const int Serialized = 2;
    private const int Success = 0;
    private const int LongestErrorText = 256;

    static OpenMpi() => NativeLibrary.SetDllImportResolver(
        typeof(OpenMpi).Assembly, (name, _, _) => name == Library ? OpenMpiLibrary.Require() : 0);

    /// <summary>MPI_IN_PLACE.</summary>
    public static void* InPlace => (void*)1;

    /// <summary>All ranks.</summary>
    public static nint World => OpenMpiLibrary.Export("ompi_mpi_comm_world");

    /// <summary>Addition.</summary>
    public static nint Sum => OpenMpiLibrary.Export("ompi_mpi_op_sum");

    /// <summary>Bytes, carried as they are.</summary>
    public static nint Byte => OpenMpiLibrary.Export("ompi_mpi_byte");

    /// <summary>Starts MPI; errors are returned from then on instead of ending the process.</summary>
    /// <exception cref="MpiNotFoundException">The library cannot be used.</exception>
    public static void Start()
    {
        nint world = World; // Before any call: the library may be another MPI, or not there.
        Check(Init(0, 0, Serialized, out int provided));
        if (provided < Serialized)
        {
            throw new MpiNotFoundException(
                $"This Open MPI was built without threads (level {provided}, expected {Serialized}). "
                + "Install another build.");
        }

        Check(SetErrorHandler(world, OpenMpiLibrary.Export("ompi_mpi_errors_return")));
    }

    /// <summary>Turns an error code into an exception with MPI's own words.</summary>
    /// <exception cref="RankLostException">The code is an error.</exception>
    public static void Check(int code)
    {
        if (code == Success)
            return;

        byte* text = stackalloc byte[LongestErrorText];
        string words = ErrorString(code, text, out int length) == Success
            ? Encoding.UTF8.GetString(text, length)
            : "unknown error";
        throw new RankLostException($"Open MPI reports error {code}: {words}.");
    }

    [DllImport(Library, EntryPoint = "MPI_Init_thread")]
    private static extern int Init(nint argc, nint argv, int required, out int provided);

    [DllImport(Library, EntryPoint = "MPI_Comm_set_errhandler")]
    private static extern int SetErrorHandler(nint communicator, nint handler);

    [DllImport(Library, EntryPoint = "MPI_Error_string")]
    private static extern int ErrorString(int code, byte* text, out int length);

    [DllImport(Library, EntryPoint = "MPI_Finalize")]
    public static extern int Finish();

    [DllImport(Library, EntryPoint = "MPI_Abort")]
    public static extern int Abort(nint communicator, int code);

    [DllImport(Library, EntryPoint = "MPI_Comm_rank")]
    public static extern int Rank(nint communicator, out int rank);

    [DllImport(Library, EntryPoint = "MPI_Comm_size")]
    public static extern int Size(nint communicator, out int size);

    [DllImport(Library, EntryPoint = "MPI_Iallreduce")]
    public static extern int AllReduce(
        void* send, void* receive, int count, nint type, nint operation, nint communicator, out nint request);

    [DllImport(Library, EntryPoint = "MPI_Iallgather")]
    public static extern int AllGather(
        void* send, int sendCount, nint sendType, void* receive, int receiveCount, nint receiveType, nint communicator,
        out nint request);

    [DllImport(Library, EntryPoint = "MPI_Ibcast")]
    public static extern int Broadcast(
        void* buffer, int count, nint type, int root, nint communicator, out nint request);

    [DllImport(Library, EntryPoint = "MPI_Ibarrier")]
    public static extern int Barrier(nint communicator, out nint request);

    [DllImport(Library, EntryPoint = "MPI_Isend")]
    public static extern int Send(
        void* buffer, int count, nint type, int to, int tag, nint communicator, out nint request);

    [DllImport(Library, EntryPoint = "MPI_Iprobe")]
    public static extern int Probe(int from, int tag, nint communicator, out int there, nint status);

    [DllImport(Library, EntryPoint = "MPI_Recv")]
    public static extern int Receive(
        void* buffer, int count, nint type, int from, int tag, nint communicator, nint status);

    [DllImport(Library, EntryPoint = "MPI_Request_free")]
    public static extern int Free(ref nint request);

    [DllImport(Library, EntryPoint = "MPI_Test")]
    public static extern int Test(ref nint request, out int done, nint status);
}
