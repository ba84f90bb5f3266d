using System.Runtime.InteropServices;
using Dense.Detection.SoloV2;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>Compares targets with the arrays <c>….level&lt;l&gt;.*</c> of a golden file.</summary>
internal static class ExpectedTargets
{
    public static void AssertEqual(GoldenArrays golden, string prefix, GroundTruth truth, SoloTargets targets)
    {
        for (int level = 0; level < targets.Levels.Count; level++)
        {
            SoloLevelTargets ours = targets.Levels[level];
            string name = $"{prefix}.level{level}.";
            Assert.Equal(Ints<short>(golden, name + "cate_label"), ours.Categories);
            Assert.Equal(Ints<int>(golden, name + "grid_order"), ours.Cells);
            Assert.Equal(golden.Bytes(name + "grid_index_flags").ToArray(), Flags(ours));
            Assert.Equal(ours.Cells.Distinct().Count(), ours.Marked);
            Assert.Equal(
                Ints<int>(golden, name + "mask_area"),
                ours.Objects.Select(k => truth.Masks![k].Quarter.Count(v => v != 0)));
        }

        if (golden.Names.Contains($"{prefix}.distinct_masks"))
            AssertMasksEqual(golden, prefix, truth, targets);
    }

    // The mask that each positive uses, in the top left corner of the padded map (M-97).
    private static void AssertMasksEqual(GoldenArrays golden, string prefix, GroundTruth truth, SoloTargets targets)
    {
        IReadOnlyList<long> shape = golden[$"{prefix}.distinct_masks"].Shape;
        int pixels = (int)(shape[1] * shape[2]);
        int[] ids = Ints<int>(golden, $"{prefix}.mask_id");
        int[] objects = [.. targets.Levels.SelectMany(level => level.Objects)];
        Assert.Equal(ids.Length, objects.Length);
        foreach ((int id, int k) in ids.Zip(objects).Distinct())
        {
            byte[] expected = golden.Bytes($"{prefix}.distinct_masks").Slice(id * pixels, pixels).ToArray();
            Assert.Equal(expected, Padded(truth.Masks![k], pixels, (int)shape[2]));
        }
    }

    private static byte[] Padded(MaskTarget mask, int pixels, int width)
    {
        byte[] padded = new byte[pixels];
        for (int y = 0; y < mask.QuarterHeight; y++)
        {
            mask.Quarter.AsSpan(y * mask.QuarterWidth, mask.QuarterWidth)
                .CopyTo(padded.AsSpan(y * width, mask.QuarterWidth));
        }

        return padded;
    }

    private static byte[] Flags(SoloLevelTargets level)
    {
        byte[] flags = new byte[level.Grid * level.Grid];
        foreach (int cell in level.Cells)
            flags[cell] = 1;
        return flags;
    }

    private static int[] Ints<T>(GoldenArrays golden, string name)
        where T : unmanaged, IConvertible =>
        [.. MemoryMarshal.Cast<byte, T>(golden.Bytes(name)).ToArray().Select(v => v.ToInt32(null))];
}
