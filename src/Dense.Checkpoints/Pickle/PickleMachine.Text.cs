using System.Buffers.Binary;

namespace Dense.Checkpoints.Pickle;

// Texts and bytes.
internal sealed partial class PickleMachine
{
    // Longer texts may be array data in disguise and are decoded only when somebody wants the text.
    private const int LongestDecodedAtOnce = 1024;

    private bool Text(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'X':
                PushText(BinaryPrimitives.ReadUInt32LittleEndian(_input.ReadSpan(4)), PickleTextKind.Utf8);
                break;
            case 0x8c:
                PushText(_input.ReadByte(), PickleTextKind.Utf8);
                break;
            case 0x8d:
                PushText(ReadLength64(), PickleTextKind.Utf8);
                break;
            case (byte)'U':
                PushText(_input.ReadByte(), PickleTextKind.Python2);
                break;
            case (byte)'T':
                PushText(BinaryPrimitives.ReadInt32LittleEndian(_input.ReadSpan(4)), PickleTextKind.Python2);
                break;
            case (byte)'B':
                PushText(BinaryPrimitives.ReadUInt32LittleEndian(_input.ReadSpan(4)), PickleTextKind.Bytes);
                break;
            case (byte)'C':
                PushText(_input.ReadByte(), PickleTextKind.Bytes);
                break;
            case 0x8e or 0x96:
                PushText(ReadLength64(), PickleTextKind.Bytes);
                break;
            case (byte)'S':
                byte[] quoted = ReadTextLine();
                byte[] unquoted = PickleEscapes.Unquote(quoted) ?? throw Refuse("a quoted string is malformed.");
                PushNew(new PickleText(unquoted, PickleTextKind.Python2));
                break;
            case (byte)'V':
                PushNew(PickleEscapes.DecodeUnicode(ReadTextLine()) ?? throw Refuse("an escaped text is malformed."));
                break;
            default:
                return false;
        }

        return true;
    }

    private long ReadLength64()
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_input.ReadSpan(8));
        return length <= long.MaxValue ? (long)length : throw Refuse($"a text of {length} bytes is announced.");
    }

    private void PushText(long length, PickleTextKind kind)
    {
        if (length < 0)
            throw Refuse($"a text of {length} bytes is announced.");

        ReadOnlyMemory<byte> bytes =
            _input.ReadMemory(length, kind == PickleTextKind.Bytes ? "a byte string" : "a text");
        if (kind != PickleTextKind.Utf8 || length > LongestDecodedAtOnce)
        {
            PushNew(new PickleText(bytes, kind));
            return;
        }

        string text = PickleText.DecodeUtf8(bytes.Span) ?? throw Refuse("a text is not valid UTF-8.");
        PushNew(text, ObjectCost + (2 * bytes.Length));
    }

    private byte[] ReadTextLine()
    {
        long start = _input.Position;
        byte[] line = _input.ReadLine(Array.MaxLength, "a text");

        // The line, its growing buffer and the decoded text.
        _context.Budget.Take(2 * (_input.Position - start), start, "a text");
        return line;
    }
}
