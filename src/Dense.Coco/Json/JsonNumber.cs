using System.Buffers.Text;

namespace Dense.Coco.Json;

/// <summary>Numbers in the JSON grammar, correctly rounded; most of those in COCO files take the short way.</summary>
internal static class JsonNumber
{
    // Powers of ten that a double holds exactly: one multiplication or division with an exact operand rounds correctly.
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The value of a number that the JSON reader has checked.</summary>
    public static double Double(ReadOnlySpan<byte> text)
    {
        int i = text[0] == '-' ? 1 : 0;
        long mantissa = 0;
        int fraction = 0, afterPoint = 0;

        // Up to 18 characters the mantissa stays within 64 bits; whether it is exact as a double is checked below.
        if (text.Length <= 18)
        {
            for (; i < text.Length; i++)
            {
                int digit = text[i] - '0';
                if ((uint)digit <= 9)
                {
                    mantissa = 10 * mantissa + digit;
                    fraction += afterPoint;
                }
                else if (text[i] == '.')
                    afterPoint = 1;
                else
                    break;
            }

            if (i == text.Length && mantissa <= 1L << 53)
            {
                double value = mantissa / PowersOfTen[fraction];
                return text[0] == '-' ? -value : value;
            }
        }

        return Utf8Parser.TryParse(text, out double slow, out int used) && used == text.Length ? slow : double.NaN;
    }

    /// <summary>The value of a number without fraction and exponent that fits in 64 bits.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;
}
