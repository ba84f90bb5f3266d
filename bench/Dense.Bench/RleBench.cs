using Dense.Coco.Annotations;
using Dense.Coco.Masks;
using Dense.Coco.Results;

namespace Dense.Bench;

/// <summary>
/// Mask functions on the masks of the large golden set, beside pycocotools' C code, else beside plain loops of ours.
/// </summary>
internal static class RleBench
{
    private const int Rounds = 7;
    private const int Masks = 2000;

    public static IEnumerable<BenchResult> Run()
    {
        if (GoldenFolder.Find("detection", "cocoeval", "big_segm.dt.json.gz") is not { } results)
            return [new BenchResult("rle", "", "golden data absent", "", "")];

        string annotations = results.Replace(".dt.", ".gt.");
        Dictionary<string, double>? peer = Peer.Figures("rle.py", results, annotations);
        Input input = Read(annotations, results);
        return
        [
            Row("decode", () => Each(input.Masks, m => m.ToColumnMajor()), input.Masks.Length,
                () => Each(input.Masks, PlainDecode)),
            Row("encode", () => Each(input.Pixels, p => RunLengthMask.FromColumnMajor(p.Height, p.Width, p.Pixels)),
                input.Pixels.Length, () => Each(input.Pixels, p => PlainEncode(p.Pixels))),
            Row("text to mask and area", () => Each(input.Texts,
                t => RunLengthMask.Parse(t.Height, t.Width, t.Text).Area), input.Texts.Length, null, "area"),
            Row("box", () => Each(input.Masks, m => m.TightBox), input.Masks.Length, null),
            Row("iou", () => Each(input.Pairs, p => RunLengthMask.Iou(p.A, p.B, false)), input.Pairs.Length,
                () => Each(input.Pairs, p => PlainIou(p.A, p.B))),
            Row("union", () => Each(input.Pairs, p => RunLengthMask.Union(p.A, p.B)), input.Pairs.Length, null),
            Row("polygon", () => Each(input.Polygons, p => RunLengthMask.FromPolygons(p.Height, p.Width, p.Polygons)),
                input.Polygons.Length, null),
        ];

        BenchResult Row(string what, Action ours, int count, Action? plain, string? peerName = null)
        {
            double own = Median(ours) / count;
            string conditions = $"{count} masks, one thread, CPU time, median of {Rounds}";
            if (peer is not null)
            {
                double theirs = peer[peerName ?? what];
                return new BenchResult(
                    what, Figure(own), $"pycocotools {Figure(theirs)}", $"{theirs / own:F1}x", conditions);
            }

            if (plain is null)
                return new BenchResult(what, Figure(own), "pycocotools: not installed", "", conditions);

            double loop = Median(plain) / count;
            return new BenchResult(
                what, Figure(own), $"plain loop {Figure(loop)} (pycocotools: not installed)", $"{loop / own:F1}x",
                conditions);
        }
    }

    private sealed record Input(
        RunLengthMask[] Masks,
        (int Height, int Width, byte[] Pixels)[] Pixels,
        (int Height, int Width, string Text)[] Texts,
        (RunLengthMask A, RunLengthMask B)[] Pairs,
        (int Height, int Width, double[][] Polygons)[] Polygons);

    private static Input Read(string annotations, string results)
    {
        var dataset = CocoDataset.Load(annotations);
        RunLengthMask[] masks = [.. DetectionList.Load(results).Take(Masks).Select(d => d.Segmentation.ToMask(0, 0))];
        Dictionary<long, CocoImage> images = dataset.Images.ToDictionary(i => i.Id);
        return new Input(
            masks,
            [.. masks.Select(m => (m.Height, m.Width, m.ToColumnMajor()))],
            [.. masks.Select(m => (m.Height, m.Width, m.ToText()))],
            [.. masks.Zip(masks.Skip(1)).Where(
                p => (p.First.Height, p.First.Width) == (p.Second.Height, p.Second.Width))],
            [
                .. dataset.Annotations.Where(a => a.Segmentation.Kind == SegmentationKind.Polygons).Take(Masks)
                    .Select(a => (images[a.ImageId].Height, images[a.ImageId].Width, a.Segmentation.ToPolygons())),
            ]);
    }

    private static void Each<TIn, TOut>(TIn[] items, Func<TIn, TOut> use)
    {
        foreach (TIn item in items)
            use(item);
    }

    private static byte[] PlainDecode(RunLengthMask mask)
    {
        byte[] pixels = new byte[mask.Height * mask.Width];
        int position = 0;
        byte value = 0;
        foreach (uint count in mask.ToCounts())
        {
            for (uint i = 0; i < count; i++)
                pixels[position++] = value;

            value = (byte)(1 - value);
        }

        return pixels;
    }

    private static List<uint> PlainEncode(byte[] pixels)
    {
        List<uint> counts = [];
        byte value = 0;
        uint count = 0;
        foreach (byte pixel in pixels)
        {
            if (pixel != value)
            {
                counts.Add(count);
                (count, value) = (0, pixel);
            }

            count++;
        }

        counts.Add(count);
        return counts;
    }

    private static double PlainIou(RunLengthMask a, RunLengthMask b)
    {
        byte[] pixelsA = PlainDecode(a), pixelsB = PlainDecode(b);
        int shared = 0, either = 0;
        for (int i = 0; i < pixelsA.Length; i++)
        {
            shared += pixelsA[i] & pixelsB[i];
            either += pixelsA[i] | pixelsB[i];
        }

        return shared / (double)either;
    }

    private static string Figure(double seconds) => $"{seconds * 1e6:F2} us";

    private static double Median(Action action)
    {
        action();
        return CpuClock.Median(Enumerable.Range(0, Rounds).Select(_ => CpuClock.Seconds(action)));
    }
}
