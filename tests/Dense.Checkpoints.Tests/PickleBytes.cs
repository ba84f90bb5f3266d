using System.Text;

namespace Dense.Checkpoints.Tests;

/// <summary>Assembles pickles opcode by opcode, good ones and bad ones.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> _bytes = [];

    public PickleBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBytes Op(string ascii) => Raw(Encoding.Latin1.GetBytes(ascii));

    public PickleBytes Protocol(byte version) => Raw([0x80, version]);

    public PickleBytes Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Raw([(byte)'X', .. BitConverter.GetBytes(utf8.Length), .. utf8]);
    }

    public PickleBytes Bytes(ReadOnlySpan<byte> bytes) =>
        Raw([(byte)'B', .. BitConverter.GetBytes(bytes.Length), .. bytes]);

    public PickleBytes Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleBytes Magic() =>
        Raw([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);

    /// <summary>A float tensor of a few elements, in a storage of the key.</summary>
    public PickleBytes Tensor(string key, byte count, bool viewIsNone = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", "FloatStorage");
        Text(key).Text("cuda:0").Raw([(byte)'K', count]).Op(viewIsNone ? "NtQ" : "tQ");
        return Op("K\0").Raw([(byte)'K', count, 0x85, (byte)'K', 1, 0x85, 0x89]).Global("collections", "OrderedDict")
            .Op(")RtR");
    }

    public byte[] ToArray() => [.. _bytes];
}
