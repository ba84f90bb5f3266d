using System.Runtime.InteropServices;

namespace Dense.Distributed.Nccl;

/// <summary>
/// The functions of the CUDA driver that are used here: TorchSharp has neither streams nor events, and does not choose
/// a thread's device. The driver's streams and contexts are those of the runtime inside libtorch, and its library has
/// one name everywhere.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>The library's name.</summary>
    public const string Name = "libcuda.so.1";

    private const int Success = 0, NotReady = 600;
    private const uint NonBlockingStream = 1, EventWithoutTime = 2;

    private readonly delegate* unmanaged<uint, int> _init;
    private readonly delegate* unmanaged<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged<nint*, int, int> _primaryContextRetain;
    private readonly delegate* unmanaged<nint, int> _contextPush;
    private readonly delegate* unmanaged<nint*, int> _contextPop;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreate;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWaitEvent;
    private readonly delegate* unmanaged<nint*, uint, int> _eventCreate;
    private readonly delegate* unmanaged<nint, nint, int> _eventRecord;
    private readonly delegate* unmanaged<nint, int> _eventQuery;
    private readonly delegate* unmanaged<nint, int> _eventDestroy;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorString;

    /// <summary>Binds the functions of a loaded library and starts the driver.</summary>
    /// <exception cref="NcclNotFoundException">It is not the CUDA driver.</exception>
    public CudaDriver(nint library)
    {
        _init = (delegate* unmanaged<uint, int>)Export("cuInit");
        _deviceGet = (delegate* unmanaged<int*, int, int>)Export("cuDeviceGet");
        _primaryContextRetain = (delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain");
        _contextPush = (delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2");
        _contextPop = (delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2");
        _streamCreate = (delegate* unmanaged<nint*, uint, int>)Export("cuStreamCreate");
        _streamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)Export("cuStreamWaitEvent");
        _eventCreate = (delegate* unmanaged<nint*, uint, int>)Export("cuEventCreate");
        _eventRecord = (delegate* unmanaged<nint, nint, int>)Export("cuEventRecord");
        _eventQuery = (delegate* unmanaged<nint, int>)Export("cuEventQuery");
        _eventDestroy = (delegate* unmanaged<nint, int>)Export("cuEventDestroy_v2");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorString");
        Check(_init(0));

        nint Export(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new NcclNotFoundException($"{Name} has no {name}: it is not a CUDA driver of version 8 or newer.");
    }

    /// <summary>Loads the driver.</summary>
    /// <exception cref="NcclNotFoundException">There is none.</exception>
    public static CudaDriver Load() => NativeLibrary.TryLoad(Name, out nint handle)
        ? new CudaDriver(handle)
        : throw new NcclNotFoundException(
            $"Ranks exchange CUDA tensors through the CUDA driver; {Name} does not load. Install NVIDIA's driver; in a "
            + "container start it with the GPUs (docker run --gpus all).");

    /// <summary>The context in which libtorch uses a device.</summary>
    /// <param name="index">The device's number among those that this process sees.</param>
    public nint ContextOf(int index)
    {
        int device;
        nint context;
        Check(_deviceGet(&device, index));
        Check(_primaryContextRetain(&context, device));
        return context;
    }

    /// <summary>Makes a context that of the calling thread until the result is disposed.</summary>
    public IDisposable Enter(nint context)
    {
        Check(_contextPush(context));
        return new Region(this);
    }

    /// <summary>A stream that does not wait for the default stream, nor makes it wait.</summary>
    public nint NewStream()
    {
        nint stream;
        Check(_streamCreate(&stream, NonBlockingStream));
        return stream;
    }

    /// <summary>An event that occurs when everything queued on a stream so far is done.</summary>
    public nint Record(nint stream)
    {
        nint done;
        Check(_eventCreate(&done, EventWithoutTime));
        Check(_eventRecord(done, stream));
        return done;
    }

    /// <summary>Lets what is queued on a stream from now on wait for an event.</summary>
    public void Wait(nint stream, nint done) => Check(_streamWaitEvent(stream, done, 0));

    /// <summary>Whether an event has occurred.</summary>
    public bool IsDone(nint done)
    {
        int code = _eventQuery(done);
        if (code != NotReady)
            Check(code);

        return code == Success;
    }

    /// <summary>Releases an event; what waits for it still does.</summary>
    public void Forget(nint done) => _ = _eventDestroy(done);

    private void Check(int code)
    {
        if (code == Success)
            return;

        byte* text;
        string words = _getErrorString(code, &text) == Success
            ? Marshal.PtrToStringUTF8((nint)text) ?? "unknown error"
            : "unknown error";
        throw new CollectiveException($"The CUDA driver reports error {code}: {words}.");
    }

    private sealed class Region(CudaDriver driver) : IDisposable
    {
        public void Dispose()
        {
            nint left;
            _ = driver._contextPop(&left);
        }
    }
}
