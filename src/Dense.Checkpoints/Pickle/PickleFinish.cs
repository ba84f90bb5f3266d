using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pth;

namespace Dense.Checkpoints.Pickle;

/// <summary>
/// Turns what the machine built into checkpoint values: reads tensors out of their storages, decodes texts, and refuses
/// values that contain themselves or nest deeper than anybody can walk.
/// </summary>
internal sealed class PickleFinish
{
    private const int Deepest = 1000;

    private readonly ByteSource _source;
    private readonly MemoryBudget _budget;

    // Height of each finished container above its deepest leaf; -1 while it is being walked.
    private readonly Dictionary<object, int> _heights = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<Frame> _frames = new();

    private PickleFinish(ByteSource source, MemoryBudget budget)
    {
        (_source, _budget) = (source, budget);
    }

    /// <summary>Reads a file and finishes its value and everything in it. Shared parts stay shared.</summary>
    /// <param name="source">The file.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="read">Builds the value, unfinished.</param>
    public static object? Read(
        ByteSource source, CheckpointReadOptions options, Func<ByteSource, PickleContext, object?> read)
    {
        var budget = new MemoryBudget(source);
        object? root = read(source, new PickleContext(budget, options.AllowOpaqueObjects));
        var finish = new PickleFinish(source, budget);
        object? value = finish.Leaf(root);
        finish.Walk(value);
        return value;
    }

    // Depth first, without recursion: a file chooses the depth.
    private void Walk(object? root)
    {
        Enter(root, "");
        while (_frames.Count > 0)
        {
            Frame frame = _frames.Peek();
            if (frame.Next < frame.Count)
            {
                int index = frame.Next++;
                object? child = Leaf(frame.Get(index));
                frame.Set(index, child);
                Enter(child, frame.Map is null ? $"{frame.Path}[{index}]" : Join(frame.Path, frame.KeyAt(index)));
                continue;
            }

            _frames.Pop();
            _heights[frame.Container] = frame.Height;
            if (_frames.TryPeek(out Frame? parent))
                parent.Height = Math.Max(parent.Height, frame.Height + 1);
        }
    }

    private void Enter(object? value, string path)
    {
        if (value is not (CheckpointMap or List<object?> or CheckpointTuple { Count: > 0 }))
            return;

        if (_heights.TryGetValue(value, out int height))
        {
            if (height < 0)
                throw _source.Refuse(null, $"the value at '{path}' contains itself, which no weight file needs.");

            Frame parent = _frames.Peek();
            parent.Height = Math.Max(parent.Height, height + 1);
            RefuseDepth(_frames.Count + height);
            return;
        }

        RefuseDepth(_frames.Count);
        _budget.Take(1024, null, "the walk over the values");
        _heights[value] = -1;
        if (value is CheckpointMap map)
            map.Location = path.Length == 0 ? _source.Name : $"{_source.Name}: {path}";

        _frames.Push(new Frame(value, path));
    }

    private void RefuseDepth(int depth)
    {
        if (depth > Deepest)
            throw _source.Refuse(null, $"values are nested more than {Deepest} deep. The file is damaged or made to " +
                "exhaust the stack.");
    }

    private object? Leaf(object? value)
    {
        switch (value)
        {
            case TensorView view:
                return view.Resolve(_budget);
            case NumpyArray array:
                return array.Record ?? throw _source.Refuse(null, "a numpy array was begun but never filled.");
            case PickleText { Kind: PickleTextKind.Bytes } text:
                _budget.Take(text.Bytes.Length, null, "a byte string");
                return text.Bytes.ToArray();
            case PickleText text:
                _budget.Take(2L * text.Bytes.Length, null, "a text");
                return text.Decode() ?? throw _source.Refuse(null, "a text is not valid UTF-8.");
            case StorageSlice:
                return new OpaqueValue("torch.storage");
            case PickleGlobal global:
                return new OpaqueValue(global.Name);
            case NumpyDtype dtype:
                return new OpaqueValue("numpy.dtype " + dtype.Code);
            default:
                return value;
        }
    }

    private static string Join(string path, object key)
    {
        string name = CheckpointValue.Shorten(key.ToString() ?? "");
        return path.Length == 0 ? name : $"{CheckpointValue.Shorten(path, 200)}.{name}";
    }

    private sealed class Frame(object container, string path)
    {
        public object Container => container;

        public string Path => path;

        public CheckpointMap? Map { get; } = container as CheckpointMap;

        public int Count { get; } = ((container as CheckpointMap)?.Count)
            ?? ((IReadOnlyCollection<object?>)container).Count;

        public int Next { get; set; }

        public int Height { get; set; } = 1;

        public object KeyAt(int index) => Map!.Keys[index];

        public object? Get(int index) => Map is not null
            ? Map.Values[index]
            : ((IReadOnlyList<object?>)container)[index];

        public void Set(int index, object? value)
        {
            switch (container)
            {
                case CheckpointMap map:
                    map.SetAt(index, value);
                    break;
                case List<object?> list:
                    list[index] = value;
                    break;
                default:
                    ((CheckpointTuple)container).Items[index] = value;
                    break;
            }
        }
    }
}
