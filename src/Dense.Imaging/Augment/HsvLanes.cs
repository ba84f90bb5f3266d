using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>
/// Eight pixels in Pillow's 8-bit HSV: <see cref="Hsv"/> in float32 lanes. Pillow computes partly in double; here a fused
/// multiply-add yields the exact sign of what rounding lost, and the integer is corrected by it. Equal on all 2²⁴ colours in
/// both directions.
/// </summary>
/// <param name="H">Hue, 0…255; arbitrary where S is 0.</param>
/// <param name="S">Saturation, 0…255.</param>
/// <param name="V">Value, 0…255.</param>
internal readonly record struct HsvLanes(Vector256<float> H, Vector256<float> S, Vector256<float> V)
{
    /// <summary>From RGB, 0…255 each.</summary>
    public static HsvLanes FromRgb(Vector256<float> r, Vector256<float> g, Vector256<float> b)
    {
        Vector256<float> one = Vector256.Create(1f);
        Vector256<float> max = Avx.Max(r, Avx.Max(g, b)), min = Avx.Min(r, Avx.Min(g, b));

        // Grey and black: any finite hue will do, since the saturation is 0.
        Vector256<float> range = Avx.Max(Avx.Subtract(max, min), one);
        Vector256<float> s = Avx.Divide(Avx.Subtract(max, min), Avx.Max(max, one));

        // The reference's h = base + x/range − y/range, where x and y are the distances of two channels from the largest.
        // One of the two is the whole range, so its quotient is 1 and a single rounding is left, as in double.
        Vector256<float> isR = Avx.CompareEqual(r, max);
        Vector256<float> isG = Avx.AndNot(isR, Avx.CompareEqual(g, max));
        Vector256<float> x = Avx.Subtract(max, Select(Select(g, r, isG), b, isR));
        Vector256<float> y = Avx.Subtract(max, Select(Select(r, b, isG), g, isR));
        Vector256<float> sector = Avx.AndNot(isR, Select(Vector256.Create(4f), Vector256.Create(2f), isG));
        Vector256<float> wholeX = Avx.CompareEqual(x, range);
        Vector256<float> quotient = Avx.Divide(Select(x, y, wholeX), range);
        Vector256<float> h = Select(
            Avx.Add(Avx.Subtract(sector, one), quotient), Avx.Subtract(Avx.Add(sector, one), quotient), wholeX);

        Vector256<float> turns = Avx.Divide(h, Vector256.Create(6f));
        Vector256<float> negative = Avx.CompareLessThan(h, default);
        turns = Avx.Add(turns, Avx.And(negative, one));
        return new HsvLanes(TruncateProduct(turns), TruncateProduct(s), max);
    }

    /// <summary>Adds to the hue, modulo 256.</summary>
    public HsvLanes Turn(byte steps)
    {
        Vector256<float> turned = Avx.Add(H, Vector256.Create((float)steps));
        Vector256<float> full = Vector256.Create(256f);
        return this with { H = Avx.Subtract(turned, Avx.And(Avx.CompareGreaterThanOrEqual(turned, full), full)) };
    }

    /// <summary>Stores eight pixels as RGB.</summary>
    public unsafe void ToRgb(byte* r, byte* g, byte* b)
    {
        Vector256<float> one = Vector256.Create(1f), scale = Vector256.Create(255f);
        Vector256<float> six = Avx.Multiply(H, Vector256.Create(6f));

        // Half a step more keeps whole quotients whole.
        Vector256<float> sector = Avx.Floor(Avx.Multiply(
            Avx.Add(six, Vector256.Create(0.5f)), Vector256.Create(1 / 255f)));
        Vector256<float> f = Avx.Divide(Avx.Subtract(six, Avx.Multiply(sector, scale)), scale);
        Vector256<float> fs = Avx.Divide(S, scale);
        Vector256<int> index = Avx.ConvertToVector256Int32(sector);
        Vector256<float> isOdd = Avx2.ShiftLeftLogical(index, 31).AsSingle();

        // p = V (1 − fs) is never nearer to a half than 1/510.
        Vector256<int> p = Avx.ConvertToVector256Int32(Fma.MultiplyAddNegated(V, fs, V));

        // Odd sectors need q = V (1 − fs·f) with the product rounded to float32, even ones t = V (1 − fs (1 − f)) without:
        // there 1 − f and the product are carried in two parts.
        Vector256<float> rest = Avx.Subtract(one, f);
        Vector256<float> restLow = Avx.Subtract(Avx.Subtract(one, rest), f);
        Vector256<float> part = Select(rest, f, isOdd);
        Vector256<float> product = Avx.Multiply(fs, part);
        Vector256<float> productLow = Avx.AndNot(
            SignMask(isOdd), Fma.MultiplyAdd(fs, restLow, Fma.MultiplySubtract(fs, part, product)));
        Vector256<int> u = Avx.ConvertToVector256Int32(RoundRemainder(product, productLow));

        Vector256<int> v = Avx.ConvertToVector256Int32(V);
        ByteLanes.Store(r, Pick(index, v, u, p, Vector256.Create(-1, 0, 0, 0, 0, -1, -1, 0), Vector256.Create(0, -1, 0, 0, -1, 0, 0, 0)));
        ByteLanes.Store(g, Pick(index, v, u, p, Vector256.Create(0, -1, -1, 0, 0, 0, 0, 0), Vector256.Create(-1, 0, 0, -1, 0, 0, -1, 0)));
        ByteLanes.Store(b, Pick(index, v, u, p, Vector256.Create(0, 0, 0, -1, -1, 0, 0, 0), Vector256.Create(0, 0, -1, 0, 0, -1, 0, 0)));
    }

    // trunc(255 x) of the exact product.
    private static Vector256<float> TruncateProduct(Vector256<float> x)
    {
        Vector256<float> scale = Vector256.Create(255f);
        Vector256<float> n = Avx.RoundToZero(Avx.Multiply(x, scale));
        Vector256<float> error = Fma.MultiplySubtract(x, scale, n);
        return Avx.Subtract(n, Avx.And(Avx.CompareLessThan(error, default), Vector256.Create(1f)));
    }

    // floor(V + 1/2 − V (product + low)) of the exact value.
    private Vector256<float> RoundRemainder(Vector256<float> product, Vector256<float> low)
    {
        Vector256<float> one = Vector256.Create(1f);
        Vector256<float> start = Avx.Add(V, Vector256.Create(0.5f));
        Vector256<float> n = Avx.Floor(Fma.MultiplyAddNegated(V, product, start));
        Vector256<float> over = Fma.MultiplyAdd(V, low, Fma.MultiplyAdd(V, product, Avx.Subtract(n, start)));
        n = Avx.Subtract(n, Avx.And(Avx.CompareGreaterThan(over, default), one));
        return Avx.Add(n, Avx.And(Avx.CompareLessThanOrEqual(over, Vector256.Create(-1f)), one));
    }

    private static Vector256<int> Pick(
        Vector256<int> sector, Vector256<int> v, Vector256<int> u, Vector256<int> p, Vector256<int> isV, Vector256<int> isU)
    {
        Vector256<int> vOrP = Avx2.BlendVariable(p, v, Avx2.PermuteVar8x32(isV, sector));
        return Avx2.BlendVariable(vOrP, u, Avx2.PermuteVar8x32(isU, sector));
    }

    private static Vector256<float> Select(Vector256<float> otherwise, Vector256<float> then, Vector256<float> condition) =>
        Avx.BlendVariable(otherwise, then, condition);

    private static Vector256<float> SignMask(Vector256<float> x) => Avx2.ShiftRightArithmetic(x.AsInt32(), 31).AsSingle();
}
