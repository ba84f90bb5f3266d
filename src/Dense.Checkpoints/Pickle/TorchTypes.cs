namespace Dense.Checkpoints.Pickle;

/// <summary>PyTorch's names of element types and of their storage classes (E-54).</summary>
internal static class TorchTypes
{
    /// <summary>Storage classes in the module <c>torch</c>.</summary>
    public static IReadOnlyList<(string Name, ElementType Type)> Storages { get; } =
    [
        ("FloatStorage", ElementType.Float32),
        ("DoubleStorage", ElementType.Float64),
        ("HalfStorage", ElementType.Float16),
        ("BFloat16Storage", ElementType.BFloat16),
        ("LongStorage", ElementType.Int64),
        ("IntStorage", ElementType.Int32),
        ("ShortStorage", ElementType.Int16),
        ("CharStorage", ElementType.Int8),
        ("ByteStorage", ElementType.UInt8),
        ("BoolStorage", ElementType.Bool),
    ];

    /// <summary>Element types in the module <c>torch</c>.</summary>
    public static IReadOnlyList<(string Name, ElementType Type)> Names { get; } =
    [
        ("float32", ElementType.Float32),
        ("float64", ElementType.Float64),
        ("float16", ElementType.Float16),
        ("bfloat16", ElementType.BFloat16),
        ("int64", ElementType.Int64),
        ("int32", ElementType.Int32),
        ("int16", ElementType.Int16),
        ("int8", ElementType.Int8),
        ("uint8", ElementType.UInt8),
        ("bool", ElementType.Bool),
    ];

    /// <summary>The storage class of a type.</summary>
    public static string StorageOf(ElementType type) => Storages.First(s => s.Type == type).Name;
}
