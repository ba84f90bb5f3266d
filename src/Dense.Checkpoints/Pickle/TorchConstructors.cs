using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pth;

namespace Dense.Checkpoints.Pickle;

/// <summary>Builds what PyTorch's pickles name.</summary>
internal sealed class TorchConstructors(PickleContext context, Func<string, CheckpointFormatException> refuse)
{
    private const int DeepestNesting = 4;
    private const int MostDimensions = 64;

    public object Construct(PickleGlobal global, CheckpointTuple arguments)
    {
        switch (global.Kind)
        {
            case PickleGlobalKind.Tensor:
                return Tensor(global, arguments, type: null);
            case PickleGlobalKind.TypedTensor:
                return Tensor(global, arguments, TypeArgument(global, arguments));
            case PickleGlobalKind.Parameter:
                return arguments.Count > 0 && arguments[0] is TensorView view
                    ? view
                    : throw refuse($"'{global.Name}' is built from something other than a tensor.");
            case PickleGlobalKind.Size:
                return arguments.Count == 1 && arguments[0] is CheckpointTuple size
                    ? size
                    : throw refuse("'torch.Size' is built from something other than a tuple.");
            case PickleGlobalKind.Device:
                return arguments.Count > 0 && PickleText.Short(arguments[0]) is { } device
                    ? new OpaqueValue(device)
                    : throw refuse("'torch.device' is built from something other than text.");
            case PickleGlobalKind.LoadFromBytes:
                return LoadFromBytes(arguments);
            default:
                throw refuse($"'{global.Name}' is called, which makes no weight.");
        }
    }

    private TensorView Tensor(PickleGlobal global, CheckpointTuple arguments, ElementType? type)
    {
        if (arguments.Count < 4 || arguments[0] is not StorageSlice slice || arguments[1] is not long offset)
            throw refuse($"'{global.Name}' is called without a storage, an offset, a size and strides.");

        type ??= slice.ElementType ?? throw refuse("a tensor of an untyped storage does not say its element type.");
        long[] shape = Integers(arguments[2], "size");
        long[] strides = Integers(arguments[3], "strides");
        return TensorView.Create(slice, type.Value, offset, shape, strides, out string problem)
            ?? throw refuse(problem);
    }

    private ElementType TypeArgument(PickleGlobal global, CheckpointTuple arguments) =>
        arguments.Count > 6 && arguments[6] is PickleGlobal { Kind: PickleGlobalKind.ElementType } token
            ? token.ElementType ?? throw refuse($"a tensor of '{token.Name}' cannot be read.")
            : throw refuse($"'{global.Name}' is called without an element type.");

    private long[] Integers(object? value, string what)
    {
        if (value is not IReadOnlyList<object?> { Count: <= MostDimensions } list)
            throw refuse(
                $"the {what} of a tensor should be a tuple of numbers, but is {CheckpointValue.Describe(value)}.");

        context.Budget.Take(32 + (8L * list.Count), null, "a tensor's shape");
        return [.. list.Select(Number)];

        long Number(object? item) =>
            item as long? ?? throw refuse($"the {what} of a tensor holds {CheckpointValue.Describe(item)}.");
    }

    private object LoadFromBytes(CheckpointTuple arguments)
    {
        if (context.Nesting >= DeepestNesting)
            throw refuse($"files are nested in files more than {DeepestNesting} deep.");

        if (arguments.Count != 1 || arguments[0] is not PickleText { Kind: not PickleTextKind.Utf8 } bytes)
            throw refuse("'torch.storage._load_from_bytes' is called with something other than bytes.");

        string name = refuse("").File + " (a file inside it)";
        var inner = new MemoryByteSource(bytes.Bytes, name);
        PickleContext nested = context with { Nesting = context.Nesting + 1, PersistentLoad = null };
        object? value = FileSignature.Recognize(inner) switch
        {
            CheckpointFormat.TorchZip => TorchZipReader.ReadObject(inner, nested),
            CheckpointFormat.TorchLegacy => TorchLegacyReader.ReadObject(inner, nested),
            _ => throw refuse("'torch.storage._load_from_bytes' is called with bytes that are no PyTorch file."),
        };
        return value ?? throw refuse("a file inside the file holds nothing.");
    }
}
