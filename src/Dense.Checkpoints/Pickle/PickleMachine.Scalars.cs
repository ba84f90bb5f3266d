using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dense.Checkpoints.Pickle;

// Numbers, booleans, None, and what frames them.
internal sealed partial class PickleMachine
{
    private const int LongestInteger = 1024;

    private bool Scalar(byte opcode)
    {
        switch (opcode)
        {
            case 0x80:
                int protocol = _input.ReadByte();
                if (protocol > NewestProtocol)
                    throw Refuse($"pickle protocol {protocol} is unknown; protocols 0 to {NewestProtocol} are read.");

                break;
            case 0x95:
                CheckFrame(BinaryPrimitives.ReadUInt64LittleEndian(_input.ReadSpan(8)));
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                PushNew(true);
                break;
            case 0x89:
                PushNew(false);
                break;
            case (byte)'J':
                PushNew((long)BinaryPrimitives.ReadInt32LittleEndian(_input.ReadSpan(4)));
                break;
            case (byte)'K':
                PushNew((long)_input.ReadByte());
                break;
            case (byte)'M':
                PushNew((long)BinaryPrimitives.ReadUInt16LittleEndian(_input.ReadSpan(2)));
                break;
            case 0x8a:
                PushNew(ReadInteger(_input.ReadByte()));
                break;
            case 0x8b:
                PushNew(ReadInteger(BinaryPrimitives.ReadInt32LittleEndian(_input.ReadSpan(4))));
                break;
            case (byte)'G':
                PushNew(BinaryPrimitives.ReadDoubleBigEndian(_input.ReadSpan(8)));
                break;
            case (byte)'I' or (byte)'L':
                PushNew(ParseInteger(ReadAsciiLine()));
                break;
            case (byte)'F':
                PushNew(ParseDouble(ReadAsciiLine()));
                break;
            default:
                return false;
        }

        return true;
    }

    private void CheckFrame(ulong length)
    {
        ulong left = (ulong)(_input.Source.Length - _input.Position);
        if (length > left)
            throw Refuse($"the file is truncated: a pickle frame of {length} bytes begins here, but {left} are left.");
    }

    private object ReadInteger(int length)
    {
        if (length is < 0 or > LongestInteger)
            throw Refuse($"an integer of {length} bytes is announced; at most {LongestInteger} are read.");

        return Narrow(new BigInteger(_input.ReadMemory(length, "an integer").Span));
    }

    private static object Narrow(BigInteger value)
    {
        object narrow = value;
        if (value >= long.MinValue && value <= long.MaxValue)
            narrow = (long)value;

        return narrow;
    }

    private string ReadAsciiLine() => Encoding.Latin1.GetString(_input.ReadLine(LongestInteger, "a number"));

    private object ParseInteger(string text)
    {
        // Protocol 1 writes booleans this way.
        if (text is "00" or "01")
            return text == "01";

        string digits = text.EndsWith('L') ? text[..^1] : text;
        return BigInteger.TryParse(
            digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value)
            ? Narrow(value)
            : throw Refuse($"'{CheckpointValue.Shorten(text)}' is not a whole number.");
    }

    private double ParseDouble(string text) => text switch
    {
        "nan" => double.NaN,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Refuse($"'{CheckpointValue.Shorten(text)}' is not a number."),
    };
}
