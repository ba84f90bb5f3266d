using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Dense.Checkpoints.Pickle;

/// <summary>
/// Writes the opcodes of pickle protocol 2 that both of PyTorch's readers accept (E-73): no memo is needed, because
/// nothing is written twice.
/// </summary>
internal sealed class PickleWriter(Stream stream)
{
    private const int BatchSize = 1000;

    private readonly byte[] _scratch = new byte[16];

    /// <summary>Begins a pickle of the given protocol.</summary>
    public void Begin(byte protocol) => Bytes([0x80, protocol]);

    /// <summary>Ends the pickle.</summary>
    public void End() => Byte('.');

    public void Byte(char opcode) => stream.WriteByte((byte)opcode);

    public void Byte(byte opcode) => stream.WriteByte(opcode);

    public void Bytes(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public void None() => Byte('N');

    public void Bool(bool value) => Byte(value ? (byte)0x88 : (byte)0x89);

    public void Integer(long value)
    {
        switch (value)
        {
            case >= 0 and <= byte.MaxValue:
                Bytes([(byte)'K', (byte)value]);
                break;
            case >= 0 and <= ushort.MaxValue:
                Bytes([(byte)'M', (byte)value, (byte)(value >> 8)]);
                break;
            case >= int.MinValue and <= int.MaxValue:
                _scratch[0] = (byte)'J';
                BinaryPrimitives.WriteInt32LittleEndian(_scratch.AsSpan(1), (int)value);
                Bytes(_scratch.AsSpan(0, 5));
                break;
            default:
                Integer(new BigInteger(value));
                break;
        }
    }

    public void Integer(BigInteger value)
    {
        byte[] bytes = value.ToByteArray();
        if (bytes.Length > byte.MaxValue)
            throw new ArgumentException($"An integer of {bytes.Length} bytes does not fit a checkpoint; 255 are " +
                "possible.", nameof(value));

        Bytes([0x8a, (byte)bytes.Length]);
        Bytes(bytes);
    }

    public void Double(double value)
    {
        _scratch[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(_scratch.AsSpan(1), value);
        Bytes(_scratch.AsSpan(0, 9));
    }

    public void Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Length('X', utf8.Length);
        Bytes(utf8);
    }

    public void Global(string module, string name) => Bytes(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    /// <summary>Writes a call of an allowed name without arguments.</summary>
    public void EmptyCall(string module, string name)
    {
        Global(module, name);
        Bytes([(byte)')', (byte)'R']);
    }

    /// <summary>Writes an opcode with a length of 32 bits.</summary>
    public void Length(char opcode, int length)
    {
        _scratch[0] = (byte)opcode;
        BinaryPrimitives.WriteInt32LittleEndian(_scratch.AsSpan(1), length);
        Bytes(_scratch.AsSpan(0, 5));
    }

    /// <summary>Writes a tuple of whole numbers, such as a shape.</summary>
    public void Integers(IReadOnlyList<long> values) => Tuple(values, v => Integer(v));

    public void Tuple<T>(IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
        {
            Byte(')');
            return;
        }

        if (items.Count > 3)
            Byte('(');

        foreach (T item in items)
            write(item);

        Byte(items.Count > 3 ? (byte)'t' : (byte)(0x84 + items.Count));
    }

    /// <summary>Appends items to the list, or entries to the map, on top of the stack.</summary>
    /// <param name="items">What to add.</param>
    /// <param name="write">Writes one item, or a key and its value.</param>
    /// <param name="opcode"><c>e</c> for a list, <c>u</c> for a map.</param>
    public void Fill<T>(IEnumerable<T> items, Action<T> write, char opcode)
    {
        foreach (T[] batch in items.Chunk(BatchSize))
        {
            Byte('(');
            foreach (T item in batch)
                write(item);

            Byte(opcode);
        }
    }
}
