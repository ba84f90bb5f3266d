using Dense.Detection.Settings;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests;

[LeakCheck]
public class ImageBatchingTests
{
    private static readonly DetectorSettings Settings =
        new() { PixelMean = [10.1, 20, 30], PixelStd = [2, 4, 57.375] };

    [Fact] // M-7, M-8, M-9.
    public void Images_AreNormalisedThenPaddedWithZeroAtTheRightAndTheBottom()
    {
        using DisposeScope scope = NewDisposeScope();

        ImageBatch batch = ImageBatching.Create([Image(33, 64), Image(20, 65)], Settings, CPU);

        Assert.Equal([2L, 3, 64, 96], batch.Pixels.shape);
        Assert.Equal([(33, 64), (20, 65)], batch.Sizes);
        for (int i = 0; i < 2; i++)
        {
            var (height, width) = batch.Sizes[i];
            Tensor image = batch.Pixels[i];
            Assert.Equal(0, image.narrow(1, height, 64 - height).abs().sum().item<float>());
            Assert.Equal(0, image.narrow(2, width, 96 - width).abs().sum().item<float>());
            Assert.Equal((Sample(0, 1, 3) - 10.1f) / 2f, image[0, 1, 3].item<float>());
            Assert.Equal(
                (Sample(2, height - 1, width - 1) - 30f) / 57.375f, image[2, height - 1, width - 1].item<float>());
        }
    }

    [Fact]
    public void SizesThatFit_AreNotPadded()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal([1L, 3, 32, 64], ImageBatching.Create([Image(32, 64)], Settings, CPU).Pixels.shape);
    }

    [Fact]
    public void Float64_UsesMeanAndDeviationRoundedToFloat32()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = full([3, 4, 5], 200.0, ScalarType.Float64);

        ImageBatch batch = ImageBatching.Create([image], Settings);

        Assert.Equal(ScalarType.Float64, batch.Pixels.dtype);
        Assert.Equal((200.0 - 10.1f) / 2, batch.Pixels[0, 0, 0, 0].item<double>());
        Assert.Equal([200.0], image.Doubles().Distinct());
    }

    [Fact]
    public void NoImage_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageBatching.Create([], Settings, CPU));

    private static byte Sample(int channel, int y, int x) => (byte)(channel * 80 + y * 7 + x);

    private static InputImage Image(int height, int width)
    {
        var pixels = new byte[3 * height * width];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Sample(i / (height * width), i / width % height, i % width);
        return new InputImage
        {
            Pixels = pixels,
            Height = height,
            Width = width,
            OriginalHeight = height,
            OriginalWidth = width,
        };
    }
}
