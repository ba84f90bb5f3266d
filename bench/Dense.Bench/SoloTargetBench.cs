using Dense.Detection;
using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// From the masks of an image to the targets of SOLOv2: quarter-size masks, centres and cells, against the formulas of
/// the specification computed directly (<see cref="DirectSoloTargets"/>). Both give the same.
/// </summary>
internal static class SoloTargetBench
{
    private const int Rounds = 5;
    private const int Height = 800;
    private const int Width = 1333;
    private const int Objects = 30;

    private static readonly (int Height, int Width) Extent = (800, 1344);

    private static readonly SoloV2Settings Settings = new();

    public static IEnumerable<BenchResult> Run()
    {
        set_num_threads(1);
        if (RepositoryFolder.SharedData("coco", "annotations", "instances_val2017.json") is { } coco)
            yield return Measure("polygons of COCO", [.. SampleMasks.Polygons(coco, Height, Width, Objects)]);
        if (RepositoryFolder.SharedData("nuclei", "annotations", "instances_val.json") is { } nuclei)
            yield return Measure("nuclei", [.. SampleMasks.Pixels(nuclei, Height, Width, Objects)]);
    }

    private static BenchResult Measure(string what, SampleMasks[] images)
    {
        using DisposeScope scope = NewDisposeScope();
        byte[][][] pixels = [.. images.Select(i => i.Masks.Select(m => m.ToRowMajor()).ToArray())];
        Tensor[] tensors = [.. pixels.Select(i => tensor(i.SelectMany(m => m).ToArray(), [Objects, Height, Width]))];
        for (int i = 0; i < images.Length; i++)
            RequireEqual(images[i], tensors[i]);

        List<double> runs = [], bitmaps = [], direct = [];
        for (int round = 0; round < Rounds; round++)
        {
            runs.Add(PerImage(images, i => Ours(images[i], b => images[i].Masks.Select(b.Build)), repetitions: 20));
            bitmaps.Add(PerImage(images, i => Ours(images[i], b => pixels[i].Select(m => b.Build(m))), repetitions: 5));
            direct.Add(PerImage(images, i => Direct(images[i], tensors[i]), repetitions: 1));
        }

        double own = CpuClock.Median(runs), peer = CpuClock.Median(direct);
        return new BenchResult(
            $"SOLOv2 targets, {what}",
            $"{own * 1000:F2} ms from runs, {CpuClock.Median(bitmaps) * 1000:F2} ms from pixels",
            $"formulas as written {peer * 1000:F0} ms",
            $"{peer / own:F0}x, {peer / CpuClock.Median(bitmaps):F0}x",
            $"per image of {Height}×{Width} with {Objects} objects, {images.Length} images, 1 thread, CPU time, "
                + $"median of {Rounds} alternating rounds");
    }

    private static double PerImage(SampleMasks[] images, Action<int> action, int repetitions) => CpuClock.Seconds(() =>
    {
        for (int i = 0; i < images.Length * repetitions; i++)
            action(i % images.Length);
    }) / (images.Length * repetitions);

    private static (GroundTruth Truth, SoloTargets Targets) Ours(
        SampleMasks image, Func<MaskTargetBuilder, IEnumerable<MaskTarget>> masks)
    {
        GroundTruth truth = image.Truth([.. masks(new MaskTargetBuilder(Height, Width))]);
        return (truth, SoloTargets.Of(truth, Extent, Settings));
    }

    private static void Direct(SampleMasks image, Tensor masks)
    {
        using DisposeScope scope = NewDisposeScope();
        DirectSoloTargets.Of(masks, image.Boxes, Extent, Settings);
    }

    private static void RequireEqual(SampleMasks image, Tensor masks)
    {
        using DisposeScope scope = NewDisposeScope();
        (GroundTruth truth, SoloTargets targets) = Ours(image, b => image.Masks.Select(b.Build));
        foreach (var (ours, direct) in targets.Levels.Zip(DirectSoloTargets.Of(masks, image.Boxes, Extent, Settings)))
        {
            bool equal = ours.Cells.SequenceEqual(direct.Cells);
            for (int p = 0; equal && p < direct.Cells.Count; p++)
            {
                MaskTarget mask = truth.Masks![ours.Objects[p]];
                Tensor quarter = direct.Masks[p].narrow(0, 0, mask.QuarterHeight).narrow(1, 0, mask.QuarterWidth);
                equal = quarter.contiguous().bytes.SequenceEqual(mask.Quarter);
            }

            if (!equal)
                throw new InvalidOperationException("The targets differ from the formulas.");
        }
    }
}
