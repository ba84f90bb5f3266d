using Dense.Detection;
using Dense.Training.Detection.Data;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

/// <summary>Batches of two random images of 32×32 pixels; which ones is determined by seed and iteration.</summary>
internal static class ToyData
{
    private const int Side = 32;

    /// <summary>The batches from an iteration on.</summary>
    public static Func<DetectionBatch?> From(long iteration, long seed) =>
        () => Batch(iteration++, seed);

    /// <summary>One batch.</summary>
    public static DetectionBatch Batch(long iteration, long seed = 0) =>
        new(iteration, [Image(iteration, 0, seed), Image(iteration, 1, seed)], [], TimeSpan.FromSeconds(0.25));

    /// <summary>Pixels minus their mean, nothing else.</summary>
    public static ImageBatch Ready(IReadOnlyList<InputImage> images)
    {
        using var scope = NewDisposeScope();
        Tensor pixels = stack(
            [.. images.Select(i => tensor(i.Pixels, [3, Side, Side], ScalarType.Byte).to(float32) / 128 - 1)]);
        return new ImageBatch(pixels.MoveToOuterDisposeScope(), [.. images.Select(_ => (Side, Side))]);
    }

    private static InputImage Image(long iteration, int index, long seed)
    {
        long id = 2 * iteration + index;
        var random = new Random((int)(1000 * seed + id));
        byte[] pixels = new byte[3 * Side * Side];
        random.NextBytes(pixels);
        return new InputImage
        {
            Pixels = pixels,
            Height = Side,
            Width = Side,
            OriginalHeight = Side,
            OriginalWidth = Side,
            ImageId = id,
            FileName = $"{id}.png",
            GroundTruth = id % 5 == 0 ? GroundTruth.Empty : new GroundTruth([4, 4, random.Next(8, 32), 20], [0], null),
        };
    }
}
