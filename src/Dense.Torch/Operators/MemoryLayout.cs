using static TorchSharp.torch;

namespace Dense.Torch.Operators;

/// <summary>
/// The two layouts of an image batch N×C×H×W in memory: row by row, or with the channels innermost ("channels last"),
/// which convolutions prefer. Shapes and values are the same in both.
/// </summary>
public static class MemoryLayout
{
    private static readonly Script Layout = new("""
        def channels_last(x: Tensor) -> Tensor:
            return x.contiguous(memory_format=2)

        """);

    /// <summary>The batch with its channels innermost.</summary>
    /// <param name="images">N×C×H×W.</param>
    /// <returns>A tensor that the caller owns; it shares memory with the argument when that is channels-last.</returns>
    public static Tensor ChannelsLast(Tensor images) => Layout.Run<Tensor>("channels_last", images);

    /// <summary>Whether a 4-dimensional tensor has its channels innermost and lies without gaps.</summary>
    public static bool IsChannelsLast(Tensor images)
    {
        if (images.ndim != 4)
            return false;

        long[] shape = images.shape, stride = images.stride();
        long c = shape[1], h = shape[2], w = shape[3];
        return stride[1] == 1 && stride[3] == c && stride[2] == w * c && stride[0] == h * w * c;
    }
}
