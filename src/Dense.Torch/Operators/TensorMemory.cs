using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Dense.Torch.Operators;

/// <summary>Where tensors lie in memory, for libraries that work on addresses. TorchSharp tells it for the CPU
/// only.</summary>
public static class TensorMemory
{
    /// <summary>The address of the first element, in the memory of the tensor's device.</summary>
    /// <param name="tensor">Stays the caller's and must outlive the use of the address.</param>
    /// <returns>Null for a tensor without elements.</returns>
    public static nint AddressOf(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int failed = DataPointer(tensor.Handle, out nint address);
        GC.KeepAlive(tensor);
        return failed == 0
            ? address
            : throw new InvalidOperationException("libtorch does not tell a tensor's address.");
    }

    [DllImport("torch_cpu", EntryPoint = "aoti_torch_get_data_ptr")]
    private static extern int DataPointer(nint tensor, out nint address);
}
