using CsCheck;
using Dense.Imaging.Scenes;

namespace Dense.Imaging.Tests.Scenes;

public class VisibleMaskTests
{
    [Fact]
    public void Polygons_OfOnePixel_AreItsFourCorners()
    {
        VisibleMask mask = Parse("...", ".#.", "...");

        Assert.Equal((1, 1, 1, 1), mask.Box);
        Assert.Equal([2, 1, 2, 2, 1, 2, 1, 1], Assert.Single(mask.Polygons()));
    }

    [Fact]
    public void Polygons_OfARing_CutTheHoleOpen()
    {
        VisibleMask mask = Parse("####", "#..#", "#..#", "####");

        Assert.Equal(2, mask.Polygons().Count);
        AssertSamePixels(mask);
    }

    [Fact]
    public void Polygons_CoverExactlyTheMask_WhateverTheMask() =>
        Gen.Bool.Array[81].Sample(pixels => AssertSamePixels(VisibleMask.Of([.. pixels.Select(p => p ? 0 : -1)], 9, 0)),
            iter: 2000);

    private static VisibleMask Parse(params string[] rows) =>
        VisibleMask.Of([.. string.Concat(rows).Select(c => c == '#' ? 0 : -1)], rows.Length, 0);

    // Union of the polygons, each filled by the even-odd rule at pixel centres. No pixel may be covered twice.
    private static void AssertSamePixels(VisibleMask mask)
    {
        IReadOnlyList<IReadOnlyList<int>> polygons = mask.Polygons();
        for (int y = 0; y < mask.Size; y++)
        {
            for (int x = 0; x < mask.Size; x++)
                Assert.Equal(mask[x, y] ? 1 : 0, polygons.Count(p => Contains(p, x + 0.5, y + 0.5)));
        }
    }

    internal static bool Contains(IReadOnlyList<int> polygon, double x, double y)
    {
        bool inside = false;
        for (int i = 0; i < polygon.Count; i += 2)
        {
            int next = (i + 2) % polygon.Count;
            // Edges run along pixel borders: upright or level.
            bool crosses = polygon[i + 1] > y != polygon[next + 1] > y;
            if (crosses && x < polygon[i])
                inside = !inside;
        }

        return inside;
    }
}
