namespace Dense.Checkpoints.Pickle;

/// <summary>What the bytes of a <see cref="PickleText"/> are.</summary>
internal enum PickleTextKind
{
    /// <summary>Text in UTF-8.</summary>
    Utf8,

    /// <summary>
    /// A Python 2 <c>str</c>: text in Latin-1 where text is wanted, bytes where array data is (E-49).
    /// </summary>
    Python2,

    /// <summary>Bytes.</summary>
    Bytes,
}
