using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>
/// Head outputs made by hand: each object has a channel of the mask feature for itself, so that its mask is the square
/// that was asked for.
/// </summary>
internal sealed class SyntheticHeads : IDisposable
{
    // Probability of a pixel inside a square: σ(4).
    private const float Inside = 8;
    private const float Outside = -4;

    private readonly (int Height, int Width) _size;
    private readonly Dictionary<(int Top, int Left, int Side), int> _channels = [];
    private readonly List<float[]> _maps = [];

    public SyntheticHeads(int height, int width)
    {
        _size = (height, width);
        Categories = [.. Settings.Grids.Select(g => full([1, 80, g, g], -12f))];

        // Channel 0 lowers every pixel.
        _maps.Add([.. Enumerable.Repeat(1f, height / 4 * (width / 4))]);
    }

    public SoloV2Settings Settings { get; } = new();

    private List<Tensor> Categories { get; }

    private List<(int Level, int Cell, int Channel)> Kernels { get; } = [];

    public void Square(
        int level, int cell, int category, int top, int left, int side, double probability = 0.9,
        float filling = 1)
    {
        int grid = Settings.Grids[level];
        Categories[level][0, category, cell / grid, cell % grid] = (float)Math.Log(probability / (1 - probability));
        if (!_channels.TryGetValue((top, left, side), out int channel))
        {
            float[] map = new float[_maps[0].Length];
            for (int y = top; y < top + side; y++)
                map.AsSpan(y * (_size.Width / 4) + left, side).Fill(filling);
            _channels[(top, left, side)] = channel = _maps.Count;
            _maps.Add(map);
        }

        Kernels.Add((level, cell, channel));
    }

    public ImageDetections Detect(
        CompatibilitySettings? compatibility = null,
        SoloV2Settings? settings = null,
        (int Height, int Width)? size = null,
        (int Height, int Width)? original = null)
    {
        using SoloPredictions predictions = Predictions();
        (int height, int width) = original ?? size ?? _size;
        var image = new InputImage
        {
            Pixels = [],
            Height = _size.Height,
            Width = _size.Width,
            OriginalHeight = height,
            OriginalWidth = width,
        };
        return new SoloInference(settings ?? Settings, compatibility ?? new CompatibilitySettings())
            .Run(predictions, 0, size ?? _size, image);
    }

    public void Dispose() => Categories.ForEach(c => c.Dispose());

    private SoloPredictions Predictions()
    {
        Tensor[] kernels = [.. Settings.Grids.Select(g => zeros(1, _maps.Count, g, g))];
        foreach (var (level, cell, channel) in Kernels)
        {
            int grid = Settings.Grids[level];
            kernels[level][0, 0, cell / grid, cell % grid] = Outside;
            kernels[level][0, channel, cell / grid, cell % grid] = Inside;
        }

        Tensor feature = tensor(
            _maps.SelectMany(m => m).ToArray(), [1, _maps.Count, _size.Height / 4, _size.Width / 4]);
        return new SoloPredictions([.. Categories.Select(c => c.alias())], kernels, feature);
    }
}
