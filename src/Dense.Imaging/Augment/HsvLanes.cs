using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dense.Imaging;

/// <summary>
/// Eight pixels in Pillow's 8-bit HSV: <see cref="Hsv"/> in float32 lanes. Pillow computes partly in double; float32
/// gives the same integers, which a test shows for all 2²⁴ colours in both directions.
/// </summary>
/// <param name="H">Hue, 0…255; arbitrary where S is 0.</param>
/// <param name="S">Saturation, 0…255.</param>
/// <param name="V">Value, 0…255.</param>
internal readonly record struct HsvLanes(Vector256<float> H, Vector256<float> S, Vector256<float> V)
{
    /// <summary>From RGB, 0…255 each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HsvLanes FromRgb(Vector256<float> r, Vector256<float> g, Vector256<float> b)
    {
        Vector256<float> one = Vector256.Create(1f);
        Vector256<float> max = Avx.Max(r, Avx.Max(g, b)), min = Avx.Min(r, Avx.Min(g, b));

        // Grey and black: any finite hue will do, since the saturation is 0.
        Vector256<float> range = Avx.Max(Avx.Subtract(max, min), one);
        Vector256<float> s = Avx.Divide(Avx.Subtract(max, min), Avx.Max(max, one));

        // The reference's h = base + x/range − y/range, where x and y are the distances of two channels from the
        // largest. One of the two is the whole range, so its quotient is 1 and a single rounding is left, as in double.
        Vector256<float> isR = Avx.CompareEqual(r, max);
        Vector256<float> isG = Avx.AndNot(isR, Avx.CompareEqual(g, max));
        Vector256<float> x = Avx.Subtract(max, Select(Select(g, r, isG), b, isR));
        Vector256<float> y = Avx.Subtract(max, Select(Select(r, b, isG), g, isR));
        Vector256<float> sector = Avx.AndNot(isR, Select(Vector256.Create(4f), Vector256.Create(2f), isG));
        Vector256<float> wholeX = Avx.CompareEqual(x, range);
        Vector256<float> quotient = Avx.Divide(Select(x, y, wholeX), range);
        Vector256<float> h = Select(
            Avx.Add(Avx.Subtract(sector, one), quotient), Avx.Subtract(Avx.Add(sector, one), quotient), wholeX);

        Vector256<float> turns = ByteLanes.Quotient(h, 6, 1 / 6f);
        turns = Avx.Add(turns, Avx.And(Avx.CompareLessThan(h, default), one));
        Vector256<float> steps = Vector256.Create(255f);
        return new HsvLanes(
            Avx.RoundToZero(Avx.Multiply(turns, steps)), Avx.RoundToZero(Avx.Multiply(s, steps)), max);
    }

    /// <summary>Adds to the hue, modulo 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HsvLanes Turn(byte steps)
    {
        Vector256<float> turned = Avx.Add(H, Vector256.Create((float)steps));
        Vector256<float> full = Vector256.Create(256f);
        return this with { H = Avx.Subtract(turned, Avx.And(Avx.CompareGreaterThanOrEqual(turned, full), full)) };
    }

    /// <summary>Stores eight pixels as RGB.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void ToRgb(byte* r, byte* g, byte* b)
    {
        Vector256<float> scale = Vector256.Create(255f);
        Vector256<float> six = Avx.Multiply(H, Vector256.Create(6f));

        // Half a step more keeps whole quotients whole.
        Vector256<float> sector = Avx.Floor(Avx.Multiply(
            Avx.Add(six, Vector256.Create(0.5f)), Vector256.Create(1 / 255f)));
        Vector256<float> f = Fma.MultiplyAddNegated(sector, scale, six);
        Vector256<int> index = Avx.ConvertToVector256Int32(sector);
        Vector256<float> isOdd = Avx2.ShiftLeftLogical(index, 31).AsSingle();

        // p = V (1 − S), q = V (1 − S f) in odd sectors, t = V (1 − S (1 − f)) in even ones, all in units of 1/255.
        Vector256<int> p = Remainder(Avx.Multiply(S, Vector256.Create(1 / 255f)));
        Vector256<float> part = Select(Avx.Subtract(scale, f), f, isOdd);
        Vector256<int> u = Remainder(Avx.Multiply(Avx.Multiply(S, part), Vector256.Create(1 / 65025f)));

        Vector256<int> v = Avx.ConvertToVector256Int32(V);
        ByteLanes.Store(r, Pick(
            index, v, u, p, Vector256.Create(-1, 0, 0, 0, 0, -1, -1, 0), Vector256.Create(0, -1, 0, 0, -1, 0, 0, 0)));
        ByteLanes.Store(g, Pick(
            index, v, u, p, Vector256.Create(0, -1, -1, 0, 0, 0, 0, 0), Vector256.Create(-1, 0, 0, -1, 0, 0, -1, 0)));
        ByteLanes.Store(b, Pick(
            index, v, u, p, Vector256.Create(0, 0, 0, -1, -1, 0, 0, 0), Vector256.Create(0, 0, -1, 0, 0, -1, 0, 0)));
    }

    // V (1 − share), rounded.
    private Vector256<int> Remainder(Vector256<float> share) =>
        Avx.ConvertToVector256Int32(Fma.MultiplyAddNegated(V, share, V));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pick(
        Vector256<int> sector,
        Vector256<int> v,
        Vector256<int> u,
        Vector256<int> p,
        Vector256<int> isV,
        Vector256<int> isU)
    {
        Vector256<int> vOrP = Avx2.BlendVariable(p, v, Avx2.PermuteVar8x32(isV, sector));
        return Avx2.BlendVariable(vOrP, u, Avx2.PermuteVar8x32(isU, sector));
    }

    private static Vector256<float> Select(
        Vector256<float> otherwise, Vector256<float> then, Vector256<float> condition) =>
        Avx.BlendVariable(otherwise, then, condition);
}
