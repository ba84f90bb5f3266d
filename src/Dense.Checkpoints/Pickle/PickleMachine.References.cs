using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Dense.Checkpoints.Pickle;

// The stack, the memo, names, and the objects built from them.
internal sealed partial class PickleMachine
{
    private const int LongestName = 512;

    private bool Reference(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'0':
                PopOrUnmark();
                break;
            case (byte)'1':
                PopToMark();
                break;
            case (byte)'2':
                Push(Peek());
                break;
            case (byte)'c':
                string module = ReadName();
                PushGlobal(module, ReadName());
                break;
            case 0x93:
                PushStackGlobal();
                break;
            case (byte)'R' or 0x81:
                object? arguments = Pop();
                PushNew(Construct(Pop(), arguments)!);
                break;
            case 0x92:
                NewObjectWithKeywords();
                break;
            case (byte)'b':
                object? state = Pop();
                _constructors.Build(Peek(), state);
                break;
            case (byte)'Q':
                PushPersistent(Pop());
                break;
            case 0x98:
                // A buffer becomes read-only: nothing to do.
                Peek();
                break;
            default:
                return Memo(opcode);
        }

        return true;
    }

    private bool Memo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q':
                Memorize(_input.ReadByte());
                break;
            case (byte)'r':
                Memorize(BinaryPrimitives.ReadUInt32LittleEndian(_input.ReadSpan(4)));
                break;
            case (byte)'p':
                Memorize(ReadIndexLine());
                break;
            case 0x94:
                Memorize(_memoCount);
                break;
            case (byte)'h':
                Push(Recall(_input.ReadByte()));
                break;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(_input.ReadSpan(4))));
                break;
            case (byte)'g':
                Push(Recall(ReadIndexLine()));
                break;
            default:
                return false;
        }

        return true;
    }

    private void PopOrUnmark()
    {
        if (_marks.Count > 0 && _marks[^1] == _stack.Count)
            _marks.RemoveAt(_marks.Count - 1);
        else
            Pop();
    }

    // Picklers number their memo in order; a file that skips ahead only wants a large table.
    private void Memorize(long index)
    {
        object? value = Peek();
        if (index < 0 || index > _opcodes)
            throw Refuse($"the pickle stores under number {index}, far beyond what it has built.");

        if (index >= _memo.Length)
        {
            int length = (int)Math.Max(index + 1, 2L * _memo.Length);
            _context.Budget.Take(9L * (length - _memo.Length), _opcodeOffset, "the pickle's memo");
            Array.Resize(ref _memo, length);
            Array.Resize(ref _memoSet, length);
        }

        if (!_memoSet[index])
            _memoCount++;

        _memo[index] = value;
        _memoSet[index] = true;
    }

    private object? Recall(long index) => index >= 0 && index < _memo.Length && _memoSet[index]
        ? _memo[index]
        : throw Refuse($"the pickle refers to number {index}, which it never stored.");

    private long ReadIndexLine()
    {
        string text = ReadAsciiLine();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
            ? index
            : throw Refuse($"'{CheckpointValue.Shorten(text)}' is not a memo number.");
    }

    private string ReadName() => Encoding.UTF8.GetString(_input.ReadLine(LongestName, "a name"));

    private void PushStackGlobal()
    {
        string? name = PickleText.Short(Pop());
        string? module = PickleText.Short(Pop());
        if (name is null || module is null || name.Length + module.Length > LongestName)
            throw Refuse("a class is named by something that is no text.");

        PushGlobal(module, name);
    }

    private void PushGlobal(string module, string name)
    {
        PickleGlobal? global = PickleAllowList.Find(module, name);
        if (global is null && !_context.AllowOpaqueObjects)
        {
            throw Refuse($"the file asks for '{CheckpointValue.Shorten(Safe(module + "." + name), 200)}', which is " +
                "not on the list of what weight files may name. It was not run. Do not load this file with Python " +
                "unless you trust its source. To read what stands beside it, which runs nothing either: " +
                "--allow-opaque-pickle-objects.");
        }

        PushNew(global ?? new PickleGlobal(Safe(module + "." + name), PickleGlobalKind.Opaque));
    }

    private static string Safe(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));

    private object? Construct(object? callable, object? arguments)
    {
        if (callable is not PickleGlobal global)
            throw Refuse($"the pickle calls {Words(callable)}, which is not a class.");

        if (arguments is not CheckpointTuple tuple)
            throw Refuse($"'{global.Name}' is called with {Words(arguments)} instead of a tuple.");

        return _constructors.Construct(global, tuple);
    }

    private void NewObjectWithKeywords()
    {
        object? keywords = Pop();
        object? arguments = Pop();
        object? callable = Pop();
        bool opaque = callable is PickleGlobal { Kind: PickleGlobalKind.Opaque };
        if (keywords is not CheckpointMap map || (map.Count > 0 && !opaque))
            throw Refuse("the pickle constructs an object with named arguments, which no weight needs.");

        PushNew(Construct(callable, arguments)!);
    }

    private void PushPersistent(object? id)
    {
        if (_context.PersistentLoad is null)
            throw Refuse("the pickle refers to data outside itself, which only PyTorch's own containers have.");

        if (id is not CheckpointTuple tuple)
            throw Refuse($"a persistent id should be a tuple, but is {Words(id)}.");

        PushNew(_context.PersistentLoad(tuple, _opcodeOffset));
    }
}
