using Dense.Imaging;
using Dense.Models.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Evaluation;

/// <summary>A pair of cells of two images that are each other's best match.</summary>
/// <param name="First">The centre of the cell in the first image, as shares of its width and height.</param>
/// <param name="Second">The centre of the cell in the second image.</param>
/// <param name="Cosine">How similar their features are, −1 … 1.</param>
public readonly record struct CellMatch((float X, float Y) First, (float X, float Y) Second, float Cosine);

/// <summary>
/// Dense correspondence of two images by the features of a backbone: cells that are mutual best matches by cosine
/// similarity (P-232). The images are squeezed to a square, so a cell's place is relative to each image's own sides.
/// </summary>
/// <param name="network">Gives the last feature map N×C×h×w; in evaluation mode on the CPU.</param>
/// <param name="size">Side of the square in pixels, a multiple of the network's stride (32 for four stages).</param>
public sealed class Correspondence(ResNet network, int size)
{
    private readonly EvaluationPipeline _pipeline = new(EvaluationSettings.Squeeze with { Size = size });

    /// <summary>All mutual best matches at or above a similarity, the most similar first.</summary>
    /// <param name="first">The first image.</param>
    /// <param name="second">The second image.</param>
    /// <param name="threshold">Smallest cosine.</param>
    public IReadOnlyList<CellMatch> Match(RgbImage first, RgbImage second, double threshold)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var (a_CN, width) = Cells(first);
        var (b_CN, _) = Cells(second);
        Tensor cosine_NN = a_CN.t().matmul(b_CN);
        var (best, forth) = cosine_NN.max(1);
        long[] back = cosine_NN.argmax(0).data<long>().ToArray();
        long[] matches = forth.data<long>().ToArray();
        float[] cosines = best.data<float>().ToArray();

        var mutual = new List<CellMatch>();
        for (int i = 0; i < matches.Length; i++)
        {
            if (back[matches[i]] == i && cosines[i] >= threshold)
                mutual.Add(new CellMatch(CentreOf(i, width), CentreOf((int)matches[i], width), cosines[i]));
        }

        return [.. mutual.OrderByDescending(m => m.Cosine)];
    }

    // C×N unit vectors, N cells row by row, and the cells of one row.
    private (Tensor Features, int Width) Cells(RgbImage image)
    {
        float[] pixels = new float[_pipeline.Settings.ValueCount];
        _pipeline.Apply(image, pixels);
        Tensor input = tensor(pixels).reshape(1, 3, size, size);
        Tensor map = network.call(input)[^1];
        return (nn.functional.normalize(map.flatten(2), dim: 1).squeeze(0), (int)map.shape[3]);
    }

    private static (float X, float Y) CentreOf(int cell, int width) =>
        (((cell % width) + 0.5f) / width, ((cell / width) + 0.5f) / width);
}
