using Dense.Imaging;
using Dense.Imaging.Scenes;
using Dense.Models.Backbones;
using Dense.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Cli.Quickstart;

/// <summary>
/// The cells of synthetic scenes with the class of the shape that covers them: what a dense prediction has to tell
/// apart. The scenes are enlarged, so that a cell is small against an object.
/// </summary>
internal sealed class SceneCells
{
    private const int Enlargement = 2;
    private const double CoveredShare = 0.6;

    private readonly int _sceneSize;
    private readonly long _seed;
    private readonly EvaluationPipeline _pipeline;

    public SceneCells(int sceneSize, long seed)
    {
        _sceneSize = sceneSize;
        _seed = seed;
        _pipeline = new EvaluationPipeline(EvaluationSettings.Squeeze with { Size = sceneSize * Enlargement });
    }

    /// <summary>Features and classes of all cells of which one object covers most.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="firstScene">Number of the first scene.</param>
    /// <param name="scenes">How many.</param>
    public LabelledFeatures Extract(ResNet network, int firstScene, int scenes)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> features = [];
        List<long> labels = [];
        for (int index = firstScene; index < firstScene + scenes; index++)
        {
            Scene scene = Scene.Create(_sceneSize, _seed, ScenePart.Labelled, index, QuickstartFolder.Look);
            Tensor map = Features(network, scene);
            int side = (int)map.shape[3];
            for (int cell = 0; cell < side * side; cell++)
            {
                if (CoverOf(scene, cell % side, cell / side, side) is not { } shape)
                    continue;

                features.Add(map[0, .., cell / side, cell % side]);
                labels.Add((long)shape);
            }
        }

        return new LabelledFeatures(
            stack(features).MoveToOuterDisposeScope(), tensor(labels).MoveToOuterDisposeScope(),
            QuickstartFolder.Look.Classes().Count);
    }

    private Tensor Features(ResNet network, Scene scene)
    {
        var image = new RgbImage(scene.Size, scene.Size);
        scene.Pixels.CopyTo(image.Pixels);
        float[] pixels = new float[_pipeline.Settings.ValueCount];
        _pipeline.Apply(image, pixels);
        using Tensor input = tensor(pixels).reshape(1, 3, _pipeline.Settings.Size, _pipeline.Settings.Size);
        return network.call(input)[^1];
    }

    private static ShapeClass? CoverOf(Scene scene, int column, int row, int side)
    {
        int left = column * scene.Size / side, right = (column + 1) * scene.Size / side;
        int top = row * scene.Size / side, bottom = (row + 1) * scene.Size / side;
        foreach (SceneObject item in scene.Objects)
        {
            int covered = 0;
            for (int y = top; y < bottom; y++)
            {
                for (int x = left; x < right; x++)
                    covered += item.Mask[x, y] ? 1 : 0;
            }

            if (covered >= CoveredShare * (right - left) * (bottom - top))
                return item.Shape;
        }

        return null;
    }
}
