using System.Collections.Immutable;

namespace Dense.Configuration.Literals;

/// <summary>A list or a tuple. The two are different types (E-1).</summary>
/// <param name="Items">The elements: values as in <see cref="ConfigurationLeaf.Value"/>.</param>
/// <param name="IsTuple">Whether it was written with parentheses.</param>
public sealed record Sequence(ImmutableArray<object?> Items, bool IsTuple = false)
{
    /// <summary>A list of some values.</summary>
    public static Sequence Of<T>(IEnumerable<T> items) => new([.. items.Select(item => (object?)item)]);

    /// <summary>Whether the other has the same type and equal elements.</summary>
    public bool Equals(Sequence? other) =>
        other is not null && IsTuple == other.IsTuple && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsTuple, Items.Length);

    /// <summary>The sequence as Python would print it.</summary>
    public override string ToString() => PythonLiteral.Format(this);
}
