using Dense.Configuration.Literals;

namespace Dense.Configuration;

/// <summary>A value of a configuration (E-1).</summary>
/// <param name="value">
/// null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or <see cref="Sequence"/>.
/// </param>
/// <param name="origin">Where the value stands.</param>
public sealed class ConfigurationLeaf(object? value, Origin origin) : ConfigurationNode(origin)
{
    /// <summary>The value.</summary>
    public object? Value { get; } = value;

    /// <summary>The value as Python would print it.</summary>
    public override string ToString() => PythonLiteral.Format(Value);
}
