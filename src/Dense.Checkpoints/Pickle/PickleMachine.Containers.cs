namespace Dense.Checkpoints.Pickle;

// Lists, tuples, maps and sets.
internal sealed partial class PickleMachine
{
    private const int LongestKey = 4096;
    private const int LongestTupleKey = 16;

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                if (_marks.Count >= DeepestStack)
                    throw Refuse($"the pickle sets more than {DeepestStack} marks.");

                _marks.Add(_stack.Count);
                break;
            case (byte)')':
                Push(CheckpointTuple.Empty);
                break;
            case 0x85:
                PushNew(new CheckpointTuple(Pop()));
                break;
            case 0x86:
                PushTuple(2);
                break;
            case 0x87:
                PushTuple(3);
                break;
            case (byte)'t':
                PushNew(new CheckpointTuple(PopToMark()));
                break;
            case (byte)']':
                PushNew(new List<object?>());
                break;
            case (byte)'l':
                PushNew(new List<object?>(PopToMark()));
                break;
            case (byte)'a':
                object? item = Pop();
                Append([item]);
                break;
            case (byte)'e':
                Append(PopToMark());
                break;
            default:
                return MapOrSet(opcode);
        }

        return true;
    }

    private bool MapOrSet(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'}':
                PushNew(new CheckpointMap(), MapCost);
                break;
            case (byte)'d':
                object?[] pairs = PopToMark();
                PushNew(new CheckpointMap(), MapCost);
                SetItems(pairs);
                break;
            case (byte)'s':
                object? value = Pop();
                object? key = Pop();
                SetItems([key, value]);
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case 0x8f:
                PushNew(new OpaqueValue("builtins.set"));
                break;
            case 0x91:
                PopToMark();
                PushNew(new OpaqueValue("builtins.frozenset"));
                break;
            case 0x90:
                PopToMark();
                if (Peek() is not OpaqueValue)
                    throw Refuse($"items are added to {Words(Peek())}, which is no set.");

                break;
            default:
                return false;
        }

        return true;
    }

    private void PushTuple(int count)
    {
        var items = new object?[count];
        while (count > 0)
            items[--count] = Pop();

        PushNew(new CheckpointTuple(items));
    }

    private void Append(object?[] items)
    {
        switch (Peek())
        {
            case List<object?> list:
                // A growing list doubles.
                _context.Budget.Take(24L * items.Length, _opcodeOffset, "a list");
                list.AddRange(items);
                break;
            case OpaqueValue:
                break;
            default:
                throw Refuse($"items are appended to {Words(Peek())}, which is no list.");
        }
    }

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Refuse("the pickle sets a key without a value.");

        if (Peek() is OpaqueValue)
            return;

        if (Peek() is not CheckpointMap map)
            throw Refuse($"entries are set on {Words(Peek())}, which is no map.");

        _context.Budget.Take(64L * pairs.Length, _opcodeOffset, "a map");
        for (int i = 0; i < pairs.Length; i += 2)
            map[Key(pairs[i])] = pairs[i + 1];
    }

    // Keys are hashed, so they must be small and must not nest.
    private object? Key(object? key) => key switch
    {
        long or bool or null => key,
        string { Length: <= LongestKey } => key,
        PickleText { Bytes.Length: <= LongestKey } text => text.Decode() ?? throw Refuse("a key is not valid UTF-8."),
        CheckpointTuple { Count: <= LongestTupleKey } tuple when tuple.All(i => i is string or long or bool or null) =>
            tuple,
        _ => throw Refuse($"{Words(key)} is not a key that a weight file has."),
    };

    private static string Words(object? value) => value switch
    {
        PickleText { Kind: PickleTextKind.Utf8 } text => $"a text of {text.Bytes.Length} bytes",
        PickleText text => $"a byte string of {text.Bytes.Length} bytes",
        PickleGlobal global => $"'{global.Name}'",
        _ => CheckpointValue.Describe(value),
    };
}
