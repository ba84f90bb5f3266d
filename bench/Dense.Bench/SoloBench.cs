using Dense.Detection;
using Dense.Detection.Masks;

namespace Dense.Bench;

/// <summary>SOLOv2 with ResNet-50 as configs/DenseCL trains it.</summary>
internal static class SoloBench
{
    // COCO's mean number of objects.
    private const int Objects = 7;

    public static IEnumerable<BenchResult> Run() =>
        DetectorBench.Run("SOLOv2", "configs/DenseCL/SOLOv2_R50_1x_DenseCL.yaml", Truth(), null);

    // Squares of growing size, side by side along the diagonal.
    private static GroundTruth Truth()
    {
        (int height, int width) = DetectorBench.Size;
        var builder = new MaskTargetBuilder(height, width);
        List<float> boxes = [];
        List<MaskTarget> masks = [];
        for (int i = 1; i <= Objects; i++)
        {
            int side = height * i / (2 * Objects), left = (width - side) * i / (Objects + 1), top = (height - side) / 2;
            byte[] mask = new byte[height * width];
            for (int y = top; y < top + side; y++)
                mask.AsSpan(y * width + left, side).Fill(1);
            masks.Add(builder.Build(mask));
            boxes.AddRange([left, top, left + side, top + side]);
        }

        return new GroundTruth([.. boxes], [.. Enumerable.Range(0, Objects)], masks);
    }
}
