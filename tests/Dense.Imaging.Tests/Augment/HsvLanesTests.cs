using System.Runtime.Intrinsics;

namespace Dense.Imaging.Tests.Augment;

public sealed class HsvLanesTests
{
    private const int Colors = 1 << 24;

    // A prime, so that every value of every channel occurs.
    private const int SampleStep = 61;

    [Fact]
    public void BothDirections_EqualTheScalarFormOnASampleOfColors() => Compare(SampleStep);

    [Fact]
    [Trait("Category", "Soak")]
    public void BothDirections_EqualTheScalarFormOnAllColors() => Compare(1);

    private static unsafe void Compare(int step)
    {
        Assert.SkipUnless(ByteLanes.IsSupported, "This processor has no AVX2.");
        byte* a = stackalloc byte[8], b = stackalloc byte[8], c = stackalloc byte[8];
        byte* r = stackalloc byte[8], g = stackalloc byte[8], o = stackalloc byte[8];
        for (int first = 0; first < Colors; first += 8 * step)
        {
            for (int lane = 0; lane < 8; lane++)
            {
                int color = (first + (lane * step)) & (Colors - 1);
                (a[lane], b[lane], c[lane]) = ((byte)(color >> 16), (byte)(color >> 8), (byte)color);
            }

            Vector256<float> x = ByteLanes.Load(a), y = ByteLanes.Load(b), z = ByteLanes.Load(c);
            HsvLanes hsv = HsvLanes.FromRgb(x, y, z);
            new HsvLanes(x, y, z).ToRgb(r, g, o);
            for (int lane = 0; lane < 8; lane++)
            {
                (byte H, byte S, byte V) expected = Hsv.FromRgb(a[lane], b[lane], c[lane]);
                (byte H, byte S, byte V) actual = ((byte)hsv.H[lane], (byte)hsv.S[lane], (byte)hsv.V[lane]);
                if (expected.S == 0)
                    actual.H = expected.H;
                if (expected != actual)
                    Assert.Fail($"RGB {a[lane]} {b[lane]} {c[lane]}: expected HSV {expected}, found {actual}.");

                var back = Hsv.ToRgb(a[lane], b[lane], c[lane]);
                if (back != (r[lane], g[lane], o[lane]))
                    Assert.Fail($"HSV {a[lane]} {b[lane]} {c[lane]}: {back}, not {(r[lane], g[lane], o[lane])}.");
            }
        }
    }
}
