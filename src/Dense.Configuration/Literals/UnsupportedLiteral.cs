namespace Dense.Configuration.Literals;

/// <summary>A Python literal that is never a valid value: a dict, a set, bytes, a complex number (E-9).</summary>
/// <param name="TypeName">What it is, for the message.</param>
internal sealed record UnsupportedLiteral(string TypeName);
