namespace Dense.Checkpoints.Safetensors;

/// <summary>Names of element types in safetensors headers.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ElementType Type)[] Names =
    [
        ("F64", ElementType.Float64),
        ("F32", ElementType.Float32),
        ("F16", ElementType.Float16),
        ("BF16", ElementType.BFloat16),
        ("I64", ElementType.Int64),
        ("I32", ElementType.Int32),
        ("I16", ElementType.Int16),
        ("I8", ElementType.Int8),
        ("U8", ElementType.UInt8),
        ("BOOL", ElementType.Bool),
    ];

    public static ElementType? Parse(string name)
    {
        foreach (var (known, type) in Names)
        {
            if (known == name)
                return type;
        }

        return null;
    }

    public static string NameOf(ElementType type) => Names.First(n => n.Type == type).Name;
}
