namespace Dense.Checkpoints.Pickle;

/// <summary>A <c>numpy.dtype</c> (E-55).</summary>
/// <param name="code">Kind and size, such as <c>f4</c>.</param>
internal sealed class NumpyDtype(string code)
{
    /// <summary>Kind and size, such as <c>f4</c>.</summary>
    public string Code { get; } = code;

    /// <summary>Bytes of one element in the file.</summary>
    public int Size { get; } = code[1] - '0';

    /// <summary>Whether the file's bytes must be swapped.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>
    /// The type of the record. Unsigned types that records lack are widened to the next signed one, so that every value
    /// is kept; null where that is impossible for values above 2^63 (<c>u8</c>, which is read as signed after a check).
    /// </summary>
    public ElementType ElementType { get; } = code switch
    {
        "f2" => ElementType.Float16,
        "f4" => ElementType.Float32,
        "f8" => ElementType.Float64,
        "i1" => ElementType.Int8,
        "i2" => ElementType.Int16,
        "i4" or "u2" => ElementType.Int32,
        "i8" or "u4" or "u8" => ElementType.Int64,
        "u1" => ElementType.UInt8,
        _ => ElementType.Bool,
    };

    /// <summary>
    /// Parses a type string such as <c>f4</c>, <c>&lt;f4</c>, <c>&gt;i8</c> or <c>?</c>; null when it is none that
    /// holds weights.
    /// </summary>
    public static NumpyDtype? Parse(string text)
    {
        bool big = text.StartsWith('>');
        string code = text.TrimStart('<', '>', '=', '|');
        if (code == "?")
            code = "b1";

        return text.Length - code.Length <= 1 &&
            code is "f2" or "f4" or "f8" or "i1" or "i2" or "i4" or "i8" or "u1" or "u2"
            or "u4" or "u8" or "b1"
            ? new NumpyDtype(code) { IsBigEndian = big }
            : null;
    }
}
