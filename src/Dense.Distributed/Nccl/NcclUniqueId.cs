using System.Runtime.InteropServices;

namespace Dense.Distributed.Nccl;

/// <summary>What the ranks of a communicator recognise each other by: 128 opaque bytes, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcclUniqueId
{
    /// <summary>NCCL_UNIQUE_ID_BYTES.</summary>
    public const int Size = 128;

    private fixed byte _bytes[Size];

    /// <summary>An id from its bytes.</summary>
    /// <param name="bytes"><see cref="Size"/> bytes.</param>
    public static NcclUniqueId Of(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<NcclUniqueId>(bytes);

    /// <summary>The bytes, to be sent to the other ranks.</summary>
    public readonly byte[] ToArray()
    {
        fixed (byte* bytes = _bytes)
            return new ReadOnlySpan<byte>(bytes, Size).ToArray();
    }
}
