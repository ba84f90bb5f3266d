using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Mpi;

/// <summary>
/// The elements of a tensor where MPI can reach them: its own memory when it lies contiguous on the CPU, else a copy
/// that <see cref="CopyBack"/> returns. CUDA tensors are staged through such a copy.
/// </summary>
internal sealed unsafe class HostTensor : IDisposable
{
    private readonly Tensor _original, _packed;

    /// <summary>Opens a tensor.</summary>
    /// <param name="tensor">Any device, any strides.</param>
    /// <param name="type">The element type wanted; null for the tensor's own.</param>
    public HostTensor(Tensor tensor, ScalarType? type = null)
    {
        using IDisposable noGradient = no_grad();
        _original = tensor.detach();
        using Tensor onHost = _original.to(type ?? tensor.dtype, CPU);
        _packed = onHost.contiguous();
        Count = _packed.numel();
        ElementSize = (int)_packed.element_size();
        Address = (byte*)TensorMemory.AddressOf(_packed);
    }

    /// <summary>The first element; null when there is none.</summary>
    public byte* Address { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Bytes of one element.</summary>
    public int ElementSize { get; }

    /// <summary>All bytes.</summary>
    public long Bytes => Count * ElementSize;

    /// <summary>Brings what was received into the tensor, if it is not there already.</summary>
    public void CopyBack()
    {
        if (_original.device_type == DeviceType.CPU && (byte*)TensorMemory.AddressOf(_original) == Address)
            return;

        using IDisposable noGradient = no_grad();
        _original.copy_(_packed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _original.Dispose();
    }
}
