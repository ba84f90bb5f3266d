namespace Dense.Checkpoints;

/// <summary>Element types that weight files hold. The order carries no meaning and is not stored anywhere.</summary>
public enum ElementType
{
    /// <summary>IEEE double.</summary>
    Float64,

    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE half.</summary>
    Float16,

    /// <summary>The upper half of an IEEE single.</summary>
    BFloat16,

    /// <summary>Signed, 64 bits.</summary>
    Int64,

    /// <summary>Signed, 32 bits.</summary>
    Int32,

    /// <summary>Signed, 16 bits.</summary>
    Int16,

    /// <summary>Signed, 8 bits.</summary>
    Int8,

    /// <summary>Unsigned, 8 bits.</summary>
    UInt8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}

/// <summary>Sizes of <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Bytes that one element takes.</summary>
    public static int SizeInBytes(this ElementType type) => type switch
    {
        ElementType.Float64 or ElementType.Int64 => 8,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
        _ => 1,
    };
}
