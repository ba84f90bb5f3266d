namespace Dense.Checkpoints.Pickle;

/// <summary>What an allowed name builds (E-50).</summary>
internal enum PickleGlobalKind
{
    /// <summary>A placeholder for a class that is not on the list.</summary>
    Opaque,

    /// <summary><c>collections.OrderedDict</c>.</summary>
    OrderedDict,

    /// <summary>A <c>dict</c>, <c>defaultdict</c> or <c>Counter</c>.</summary>
    Map,

    /// <summary>A <c>list</c>.</summary>
    List,

    /// <summary>A <c>tuple</c>.</summary>
    Tuple,

    /// <summary>A value that stays opaque: sets, complex numbers, tokens.</summary>
    Token,

    /// <summary><c>bytes</c> or <c>bytearray</c>.</summary>
    Bytes,

    /// <summary><c>int</c>, <c>float</c>, <c>bool</c> or <c>str</c> of such a value.</summary>
    Scalar,

    /// <summary><c>_codecs.encode</c>.</summary>
    Encode,

    /// <summary><c>torch._utils._rebuild_tensor</c> and its successor v2.</summary>
    Tensor,

    /// <summary><c>torch._utils._rebuild_tensor_v3</c>, which names its type.</summary>
    TypedTensor,

    /// <summary>A parameter: the tensor inside.</summary>
    Parameter,

    /// <summary>A storage class.</summary>
    Storage,

    /// <summary>A <c>torch.dtype</c>.</summary>
    ElementType,

    /// <summary><c>torch.storage._load_from_bytes</c>: a file inside the file.</summary>
    LoadFromBytes,

    /// <summary><c>torch.Size</c>.</summary>
    Size,

    /// <summary><c>torch.device</c>.</summary>
    Device,

    /// <summary><c>numpy.core.multiarray._reconstruct</c>.</summary>
    NumpyReconstruct,

    /// <summary><c>numpy.ndarray</c>.</summary>
    NumpyArray,

    /// <summary><c>numpy.dtype</c>.</summary>
    NumpyDtype,

    /// <summary><c>numpy.core.multiarray.scalar</c>.</summary>
    NumpyScalar,

    /// <summary><c>numpy.core.numeric._frombuffer</c>.</summary>
    NumpyFromBuffer,
}
