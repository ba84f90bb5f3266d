using System.Buffers.Binary;
using System.Numerics;

namespace Dense.Training.Logging.TensorBoard;

/// <summary>The checksum of a TensorBoard record: CRC-32C (Castagnoli), rotated and shifted (E-165).</summary>
internal static class MaskedCrc32C
{
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>CRC-32C with initial and final XOR 0xFFFFFFFF; 0xE3069283 for the text "123456789".</summary>
    public static uint Plain(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte b in data)
            crc = BitOperations.Crc32C(crc, b);

        return ~crc;
    }

    /// <summary>The checksum as the file holds it.</summary>
    public static uint Of(ReadOnlySpan<byte> data) => unchecked(BitOperations.RotateRight(Plain(data), 15) + MaskDelta);
}
