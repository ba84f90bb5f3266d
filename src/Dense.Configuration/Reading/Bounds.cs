using Dense.Configuration.Literals;

namespace Dense.Configuration.Reading;

/// <summary>The range that a number must lie in.</summary>
public readonly record struct Bounds
{
    private readonly double? _minimum;
    private readonly double? _maximum;
    private readonly bool _exclusiveMinimum;
    private readonly bool _exclusiveMaximum;

    private Bounds(double? minimum, double? maximum, bool exclusiveMinimum = false, bool exclusiveMaximum = false) =>
        (_minimum, _maximum, _exclusiveMinimum, _exclusiveMaximum) =
            (minimum, maximum, exclusiveMinimum, exclusiveMaximum);

    /// <summary>Any finite number.</summary>
    public static Bounds None => default;

    /// <summary>0 or more.</summary>
    public static Bounds NotNegative => AtLeast(0);

    /// <summary>More than 0.</summary>
    public static Bounds Positive => new(0, null, exclusiveMinimum: true);

    /// <summary><paramref name="minimum"/> or more.</summary>
    public static Bounds AtLeast(double minimum) => new(minimum, null);

    /// <summary>Both ends included.</summary>
    public static Bounds Between(double minimum, double maximum) => new(minimum, maximum);

    /// <summary>The lower end included, the upper excluded.</summary>
    public static Bounds Below(double minimum, double end) => new(minimum, end, exclusiveMaximum: true);

    /// <summary>Whether a number lies inside. NaN and the infinities never do.</summary>
    public bool Contains(double value) =>
        double.IsFinite(value)
        && (_minimum is not { } low || (_exclusiveMinimum ? value > low : value >= low))
        && (_maximum is not { } high || (_exclusiveMaximum ? value < high : value <= high));

    /// <summary>The range in words, as in "expected …".</summary>
    public override string ToString() => (_minimum, _maximum) switch
    {
        (null, null) => "a finite number",
        ({ } low, null) => _exclusiveMinimum ? $"more than {Number(low)}" : $"{Number(low)} or more",
        (null, { } high) => _exclusiveMaximum ? $"less than {Number(high)}" : $"{Number(high)} or less",
        ({ } low, { } high) => $"between {Number(low)} and {Number(high)}{(_exclusiveMaximum ? " (excluded)" : "")}",
    };

    private static string Number(double value) =>
        value == Math.Truncate(value) && Math.Abs(value) < 1e15 ? $"{(long)value}" : PythonLiteral.Format(value);
}
