using System.Globalization;

namespace Dense.Training.Detection.Logging;

/// <summary>Numbers with a fixed count of significant digits, as C and Python write <c>%.4g</c> (E-160).</summary>
public static class SignificantDigits
{
    /// <summary>Such as <c>1.84</c>, <c>4.8e-06</c>, <c>nan</c>.</summary>
    public static string Format(double value, int digits) => value switch
    {
        double.NaN => "nan",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        _ => value.ToString("g" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
    };
}
