using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch;

/// <summary>
/// A region in which matrix products and convolutions compute in a shorter type while parameters keep theirs. Per
/// thread; regions may nest.
/// </summary>
/// <remarks>TorchSharp has no autocast: these are libtorch's own functions, called by their C++ names.</remarks>
public sealed class Autocast : IDisposable
{
    private const string Library = "torch_cpu";
    private readonly sbyte _device;
    private readonly bool _wasEnabled;
    private readonly sbyte _previousType;
    private bool _disposed;

    /// <summary>Opens a region. Dispose it on the same thread.</summary>
    /// <param name="device">CPU or CUDA.</param>
    /// <param name="type">Usually <see cref="ScalarType.BFloat16"/>, which needs no loss scaling.</param>
    public Autocast(DeviceType device, ScalarType type = ScalarType.BFloat16)
    {
        _device = (sbyte)device;
        _wasEnabled = IsEnabled(_device);
        _previousType = GetType(_device);
        SetType(_device, (sbyte)type);
        SetEnabled(_device, true);
        _ = IncrementNesting();
    }

    /// <summary>The type that the region around the caller computes in; null outside any region.</summary>
    public static ScalarType? Current(DeviceType device) =>
        IsEnabled((sbyte)device) ? (ScalarType)GetType((sbyte)device) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        if (DecrementNesting() == 0)
            ClearCache();
        SetEnabled(_device, _wasEnabled);
        SetType(_device, _previousType);
    }

    [DllImport(Library, EntryPoint = "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool IsEnabled(sbyte device);

    [DllImport(Library, EntryPoint = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb")]
    private static extern void SetEnabled(sbyte device, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [DllImport(Library, EntryPoint = "_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE")]
    private static extern sbyte GetType(sbyte device);

    [DllImport(Library, EntryPoint = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE")]
    private static extern void SetType(sbyte device, sbyte type);

    [DllImport(Library, EntryPoint = "_ZN2at8autocast17increment_nestingEv")]
    private static extern int IncrementNesting();

    [DllImport(Library, EntryPoint = "_ZN2at8autocast17decrement_nestingEv")]
    private static extern int DecrementNesting();

    [DllImport(Library, EntryPoint = "_ZN2at8autocast11clear_cacheEv")]
    private static extern void ClearCache();
}
