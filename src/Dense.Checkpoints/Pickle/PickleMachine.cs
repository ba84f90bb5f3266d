namespace Dense.Checkpoints.Pickle;

/// <summary>
/// A closed machine for Python pickles (E-46). It knows the opcodes of E-47 and the names of E-50, and nothing else: no
/// name is ever resolved to code, and there is no recursion that a file could drive deep.
/// </summary>
internal sealed partial class PickleMachine
{
    private const int NewestProtocol = 5;
    private const int MostOpcodes = 10_000_000;
    private const int DeepestStack = 1_000_000;

    // What a small object costs in memory, generously: an empty file cannot ask for much.
    private const int ObjectCost = 64;
    private const int MapCost = 256;

    private readonly PickleInput _input;
    private readonly PickleContext _context;
    private readonly PickleConstructors _constructors;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private object?[] _memo = new object?[64];
    private bool[] _memoSet = new bool[64];
    private int _memoCount;
    private int _opcodes;
    private long _opcodeOffset;

    private PickleMachine(PickleInput input, PickleContext context)
    {
        _input = input;
        _context = context;
        _constructors = new PickleConstructors(context, Refuse);
    }

    /// <summary>Runs one pickle, from its first byte to its STOP.</summary>
    /// <returns>A value that <see cref="PickleFinish"/> turns into checkpoint values.</returns>
    /// <exception cref="CheckpointFormatException">The pickle is damaged or holds what is not allowed.</exception>
    public static object? Run(PickleInput input, PickleContext context) => new PickleMachine(input, context).Run();

    private object? Run()
    {
        while (true)
        {
            _opcodeOffset = _input.Position;
            if (++_opcodes > MostOpcodes)
                throw Refuse($"the pickle has more than {MostOpcodes} instructions.");

            byte opcode = _input.ReadByte();
            if (opcode == (byte)'.')
                return Stop();

            if (!Scalar(opcode) && !Text(opcode) && !Container(opcode) && !Reference(opcode))
            {
                throw Refuse($"pickle instruction 0x{opcode:x2}{Printable(opcode)} is not allowed in a weight file. " +
                    "The file is damaged, no pickle, or not to be trusted.");
            }
        }
    }

    private static string Printable(byte opcode) => opcode is > 32 and < 127 ? $" ('{(char)opcode}')" : "";

    private object? Stop()
    {
        if (_marks.Count > 0 || _stack.Count != 1)
            throw Refuse($"the pickle ends with {_stack.Count} values on its stack instead of one.");

        return _stack[0];
    }

    private void Push(object? value)
    {
        if (_stack.Count >= DeepestStack)
            throw Refuse($"the pickle keeps more than {DeepestStack} values on its stack.");

        _stack.Add(value);
    }

    private void PushNew(object value, int cost = ObjectCost)
    {
        _context.Budget.Take(cost, _opcodeOffset, "the pickle");
        Push(value);
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek()
    {
        int floor = _marks.Count > 0 ? _marks[^1] : 0;
        return _stack.Count > floor ? _stack[^1] : throw Refuse("the pickle takes a value from an empty stack.");
    }

    // The values above the topmost mark, which is removed with them.
    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Refuse("the pickle refers to a mark that was never set.");

        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        _context.Budget.Take(8L * (_stack.Count - mark), _opcodeOffset, "the pickle");
        object?[] items = [.. _stack[mark..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private CheckpointFormatException Refuse(string problem) => _input.Source.Refuse(_opcodeOffset, problem);
}
