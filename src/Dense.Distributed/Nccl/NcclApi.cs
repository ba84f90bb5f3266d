using System.Runtime.InteropServices;

namespace Dense.Distributed.Nccl;

/// <summary>The functions of NCCL that are used here, checked.</summary>
internal sealed unsafe class NcclApi
{
    private const int Success = 0, InProgress = 7;

    private readonly delegate* unmanaged<NcclUniqueId*, int> _getUniqueId;
    private readonly delegate* unmanaged<nint*, int, NcclUniqueId, int, int> _commInitRank;
    private readonly delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged<void*, void*, nuint, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int> _broadcast;
    private readonly delegate* unmanaged<nint, int> _commAbort;
    private readonly delegate* unmanaged<nint, int> _commDestroy;
    private readonly delegate* unmanaged<nint, int*, int> _commGetAsyncError;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;
    private readonly delegate* unmanaged<nint, byte*> _getLastError;

    /// <summary>Binds the functions of a loaded library.</summary>
    /// <exception cref="NcclNotFoundException">A function is missing.</exception>
    public NcclApi(nint library)
    {
        _getUniqueId = (delegate* unmanaged<NcclUniqueId*, int>)Export("ncclGetUniqueId");
        _commInitRank = (delegate* unmanaged<nint*, int, NcclUniqueId, int, int>)Export("ncclCommInitRank");
        _allReduce = (delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int>)Export("ncclAllReduce");
        _allGather = (delegate* unmanaged<void*, void*, nuint, int, nint, nint, int>)Export("ncclAllGather");
        _broadcast = (delegate* unmanaged<void*, void*, nuint, int, int, nint, nint, int>)Export("ncclBroadcast");
        _commAbort = (delegate* unmanaged<nint, int>)Export("ncclCommAbort");
        _commDestroy = (delegate* unmanaged<nint, int>)Export("ncclCommDestroy");
        _commGetAsyncError = (delegate* unmanaged<nint, int*, int>)Export("ncclCommGetAsyncError");
        _getErrorString = (delegate* unmanaged<int, byte*>)Export("ncclGetErrorString");

        // Since 2.13.
        _getLastError = NativeLibrary.TryGetExport(library, "ncclGetLastError", out nint lastError)
            ? (delegate* unmanaged<nint, byte*>)lastError
            : null;

        nint Export(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new NcclNotFoundException(
                $"{NcclLibrary.Name} has no {name}: it is older than NCCL 2.4. Install a newer one.");
    }

    /// <summary>A new id, for one rank to draw and all to know.</summary>
    public NcclUniqueId NewUniqueId()
    {
        NcclUniqueId id;
        Check(_getUniqueId(&id));
        return id;
    }

    /// <summary>Joins the other ranks, with the current CUDA device; waits for all of them.</summary>
    /// <returns>The communicator.</returns>
    public nint Join(NcclUniqueId id, int rank, int size)
    {
        nint communicator;
        Check(_commInitRank(&communicator, size, id, rank));
        return communicator;
    }

    /// <summary>Queues the sum of all ranks' elements, in place.</summary>
    public void AllReduce(void* elements, long count, int type, nint communicator, nint stream) =>
        Check(_allReduce(elements, elements, (nuint)count, type, NcclTypes.Sum, communicator, stream), communicator);

    /// <summary>Queues the concatenation of all ranks' bytes.</summary>
    /// <param name="own">This rank's bytes.</param>
    /// <param name="all">Room for those of all.</param>
    /// <param name="bytes">Of one rank.</param>
    /// <param name="communicator">The ranks.</param>
    /// <param name="stream">The CUDA stream.</param>
    public void AllGather(void* own, void* all, long bytes, nint communicator, nint stream) =>
        Check(_allGather(own, all, (nuint)bytes, NcclTypes.UInt8, communicator, stream), communicator);

    /// <summary>Queues the replacement of bytes by those of rank 0.</summary>
    public void Broadcast(void* buffer, long bytes, nint communicator, nint stream) =>
        Check(_broadcast(buffer, buffer, (nuint)bytes, NcclTypes.UInt8, 0, communicator, stream), communicator);

    /// <summary>What went wrong on the device or between machines since; null while nothing did.</summary>
    public string? AsyncError(nint communicator)
    {
        int state;
        int code = _commGetAsyncError(communicator, &state);
        code = code == Success ? state : code;
        return code is Success or InProgress ? null : Words(code, communicator);
    }

    /// <summary>Ends a communicator whose operations will never complete.</summary>
    public void Abort(nint communicator) => _ = _commAbort(communicator);

    /// <summary>Ends a communicator whose operations are complete.</summary>
    public void Destroy(nint communicator) => _ = _commDestroy(communicator);

    /// <summary>Turns an error code into an exception with NCCL's own words.</summary>
    /// <exception cref="CollectiveException">The code is an error.</exception>
    internal void Check(int code, nint communicator = 0)
    {
        if (code is not (Success or InProgress))
            throw new CollectiveException(Words(code, communicator));
    }

    private string Words(int code, nint communicator)
    {
        string words = Marshal.PtrToStringUTF8((nint)_getErrorString(code)) ?? "unknown error";
        string? more = _getLastError is null ? null : Marshal.PtrToStringUTF8((nint)_getLastError(communicator));
        return $"NCCL reports error {code}: {words}{(string.IsNullOrWhiteSpace(more) ? "" : $" ({more.Trim()})")}. "
            + "NCCL_DEBUG=INFO lets it tell more.";
    }
}
