namespace Dense.Checkpoints.Pickle;

/// <summary>Builds the values of the allow-list (E-50): the only thing that REDUCE, NEWOBJ and BUILD can do.</summary>
/// <param name="context">What the pickles of the file share.</param>
/// <param name="refuse">Makes the exception for a problem at the current instruction.</param>
internal sealed class PickleConstructors(PickleContext context, Func<string, CheckpointFormatException> refuse)
{
    private const int MapCost = 256;

    private readonly TorchConstructors _torch = new(context, refuse);
    private readonly NumpyConstructors _numpy = new(context, refuse);

    /// <summary>Calls an allowed name.</summary>
    public object Construct(PickleGlobal global, CheckpointTuple arguments) => global.Kind switch
    {
        PickleGlobalKind.Opaque or PickleGlobalKind.Token => new OpaqueValue(global.Name),
        PickleGlobalKind.OrderedDict => Map(global, arguments, ordered: true),
        PickleGlobalKind.Map => Map(global, arguments, ordered: false),
        PickleGlobalKind.List => new List<object?>(Items(global, arguments)),
        PickleGlobalKind.Tuple => new CheckpointTuple([.. Items(global, arguments)]),
        PickleGlobalKind.Bytes => Bytes(global, arguments),
        PickleGlobalKind.Scalar => Scalar(global, arguments),
        PickleGlobalKind.Encode => Encode(arguments),
        PickleGlobalKind.NumpyReconstruct or PickleGlobalKind.NumpyArray or PickleGlobalKind.NumpyDtype or
            PickleGlobalKind.NumpyScalar or PickleGlobalKind.NumpyFromBuffer => _numpy.Construct(global, arguments),
        _ => _torch.Construct(global, arguments),
    };

    /// <summary>Sets the state of an object that was just built.</summary>
    public void Build(object? target, object? state)
    {
        switch (target)
        {
            case OpaqueValue or PickleGlobal { Kind: PickleGlobalKind.Opaque }:
                break;
            case CheckpointMap { IsOrderedDict: true } map when state is CheckpointMap attributes:
                map.Metadata = attributes.TryGetValue("_metadata", out object? metadata)
                    ? metadata as CheckpointMap
                    : null;
                break;
            case NumpyDtype dtype when state is CheckpointTuple tuple:
                NumpyConstructors.BuildDtype(dtype, tuple, refuse);
                break;
            case NumpyArray array when state is CheckpointTuple tuple:
                _numpy.BuildArray(array, tuple);
                break;
            default:
                throw refuse($"the pickle sets the state of {CheckpointValue.Describe(target)}, which has none.");
        }
    }

    private CheckpointMap Map(PickleGlobal global, CheckpointTuple arguments, bool ordered)
    {
        var map = new CheckpointMap { IsOrderedDict = ordered };
        foreach (object? argument in arguments)
        {
            switch (argument)
            {
                // The factory of a defaultdict is itself an allowed name, and of no use here.
                case PickleGlobal or null:
                    break;
                case CheckpointMap other:
                    context.Budget.Take(MapCost + (64L * other.Count), null, "a map");
                    foreach (var (key, value) in other)
                        map[key] = value;
                    break;
                case IReadOnlyList<object?> pairs:
                    AddPairs(global, map, pairs);
                    break;
                default:
                    throw refuse($"'{global.Name}' is built from {CheckpointValue.Describe(argument)}.");
            }
        }

        return map;
    }

    private void AddPairs(PickleGlobal global, CheckpointMap map, IReadOnlyList<object?> pairs)
    {
        context.Budget.Take(MapCost + (64L * pairs.Count), null, "a map");
        foreach (object? pair in pairs)
        {
            if (pair is not IReadOnlyList<object?> { Count: 2 } two || two[0] is not (string or long))
                throw refuse($"'{global.Name}' is built from items that are not pairs of a short key and a value.");

            map[two[0]] = two[1];
        }
    }

    private IReadOnlyList<object?> Items(PickleGlobal global, CheckpointTuple arguments)
    {
        if (arguments.Count == 0)
            return [];

        if (arguments.Count > 1 || arguments[0] is not IReadOnlyList<object?> items)
            throw refuse($"'{global.Name}' is called with {arguments.Count} arguments that make no list.");

        context.Budget.Take(16L * items.Count, null, "a list");
        return items;
    }

    private PickleText Bytes(PickleGlobal global, CheckpointTuple arguments) => arguments.Count switch
    {
        0 => new PickleText(default, PickleTextKind.Bytes),
        1 when arguments[0] is PickleText { Kind: not PickleTextKind.Utf8 } bytes =>
            bytes with { Kind = PickleTextKind.Bytes },
        2 => Encode(arguments),
        _ => throw refuse($"'{global.Name}' is called with {arguments.Count} arguments that are no bytes."),
    };

    private object Scalar(PickleGlobal global, CheckpointTuple arguments) =>
        arguments.Count == 1 && arguments[0] is long or double or bool or string
            ? arguments[0]!
            : throw refuse($"'{global.Name}' is called with something other than one plain value.");

    private PickleText Encode(CheckpointTuple arguments)
    {
        bool latin1 = arguments.Count == 2 && PickleText.Short(arguments[1]) is "latin1" or "latin-1";
        if (!latin1)
            throw refuse("'_codecs.encode' is called for something other than latin1 bytes.");

        switch (arguments[0])
        {
            case string text when text.All(c => c < 256):
                context.Budget.Take(text.Length, null, "a byte string");
                return new PickleText(System.Text.Encoding.Latin1.GetBytes(text), PickleTextKind.Bytes);
            case PickleText { Kind: PickleTextKind.Utf8 } text:
                // The text itself is a copy of file bytes; its decoded form is what the budget must bear.
                context.Budget.Take(text.Bytes.Length, null, "a byte string");
                byte[] bytes = PickleText.Latin1FromUtf8(text.Bytes.Span)
                    ?? throw refuse("a text that should hold bytes has characters beyond Latin-1.");
                return new PickleText(bytes, PickleTextKind.Bytes);
            default:
                throw refuse("'_codecs.encode' is called with something other than a Latin-1 text.");
        }
    }
}
