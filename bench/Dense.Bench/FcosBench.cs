using Dense.Detection;

namespace Dense.Bench;

/// <summary>FCOS with ResNet-50 as configs/DenseCL trains it, beside the same network and losses in PyTorch.</summary>
internal static class FcosBench
{
    // COCO's mean number of objects.
    private const int Objects = 7;

    public static IEnumerable<BenchResult> Run() =>
        DetectorBench.Run("FCOS", "configs/DenseCL/FCOS_R50_1x_DenseCL.yaml", Truth(), "fcos.py");

    // Objects from small to large.
    private static GroundTruth Truth()
    {
        (int height, int width) = DetectorBench.Size;
        float[] boxes = [.. Enumerable.Range(1, Objects).SelectMany(i =>
        {
            float w = width * i / (Objects + 1f), h = height * i / (Objects + 1f);
            float x = (width - w) / 2, y = (height - h) / 2;
            return new[] { x, y, x + w, y + h };
        })];
        return new GroundTruth(boxes, [.. Enumerable.Range(0, Objects)], null);
    }
}
