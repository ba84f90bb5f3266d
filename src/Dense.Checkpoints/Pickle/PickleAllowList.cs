using System.Collections.Frozen;

namespace Dense.Checkpoints.Pickle;

/// <summary>The only names that a pickle may use (E-50).</summary>
internal static class PickleAllowList
{
    private static readonly FrozenDictionary<string, PickleGlobal> Names = List().ToFrozenDictionary(g => g.Name);

    /// <summary>The allowed name, or null.</summary>
    public static PickleGlobal? Find(string module, string name)
    {
        // Python 2 and NumPy 2 spell these modules differently.
        string known = module switch
        {
            "__builtin__" => "builtins",
            _ when module.StartsWith("numpy._core.", StringComparison.Ordinal) =>
                "numpy.core." + module["numpy._core.".Length..],
            _ => module,
        };
        return Names.GetValueOrDefault(known + "." + name);
    }

    private static IEnumerable<PickleGlobal> List() =>
    [
        new("collections.OrderedDict", PickleGlobalKind.OrderedDict),
        new("collections.defaultdict", PickleGlobalKind.Map),
        new("collections.Counter", PickleGlobalKind.Map),
        new("builtins.dict", PickleGlobalKind.Map),
        new("builtins.list", PickleGlobalKind.List),
        new("builtins.tuple", PickleGlobalKind.Tuple),
        new("builtins.set", PickleGlobalKind.Token),
        new("builtins.frozenset", PickleGlobalKind.Token),
        new("builtins.complex", PickleGlobalKind.Token),
        new("builtins.bytes", PickleGlobalKind.Bytes),
        new("builtins.bytearray", PickleGlobalKind.Bytes),
        new("builtins.int", PickleGlobalKind.Scalar),
        new("builtins.float", PickleGlobalKind.Scalar),
        new("builtins.bool", PickleGlobalKind.Scalar),
        new("builtins.str", PickleGlobalKind.Scalar),
        new("_codecs.encode", PickleGlobalKind.Encode),
        new("torch._utils._rebuild_tensor", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_tensor_v2", PickleGlobalKind.Tensor),
        new("torch._utils._rebuild_tensor_v3", PickleGlobalKind.TypedTensor),
        new("torch._utils._rebuild_parameter", PickleGlobalKind.Parameter),
        new("torch._utils._rebuild_parameter_with_state", PickleGlobalKind.Parameter),
        new("torch.nn.parameter.Parameter", PickleGlobalKind.Parameter),
        new("torch.storage._load_from_bytes", PickleGlobalKind.LoadFromBytes),
        new("torch.Size", PickleGlobalKind.Size),
        new("torch.device", PickleGlobalKind.Device),
        new("torch.serialization._get_layout", PickleGlobalKind.Token),
        new("torch.strided", PickleGlobalKind.Token),
        new("numpy.core.multiarray._reconstruct", PickleGlobalKind.NumpyReconstruct),
        new("numpy.ndarray", PickleGlobalKind.NumpyArray),
        new("numpy.dtype", PickleGlobalKind.NumpyDtype),
        new("numpy.core.multiarray.scalar", PickleGlobalKind.NumpyScalar),
        new("numpy.core.numeric._frombuffer", PickleGlobalKind.NumpyFromBuffer),
        .. TorchTypes.Storages.Select(s => new PickleGlobal("torch." + s.Name, PickleGlobalKind.Storage, s.Type)),
        new("torch.storage.TypedStorage", PickleGlobalKind.Storage),
        new("torch.storage.UntypedStorage", PickleGlobalKind.Storage),
        new("torch.UntypedStorage", PickleGlobalKind.Storage),
        new("torch.ComplexFloatStorage", PickleGlobalKind.Token),
        new("torch.ComplexDoubleStorage", PickleGlobalKind.Token),
        .. TorchTypes.Names.Select(n => new PickleGlobal("torch." + n.Name, PickleGlobalKind.ElementType, n.Type)),
        new("torch.complex64", PickleGlobalKind.ElementType),
        new("torch.complex128", PickleGlobalKind.ElementType),
    ];
}
