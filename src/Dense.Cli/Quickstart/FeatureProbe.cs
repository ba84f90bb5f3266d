using Dense.Imaging;
using Dense.Models.Backbones;
using Dense.Pretraining.Probes;
using Dense.Training.Data.Sources;
using Dense.Training.Evaluation;
using TorchSharp;

namespace Dense.Cli.Quickstart;

/// <summary>What features tell without any training on top, in percent.</summary>
/// <param name="Image">k-NN accuracy on single objects.</param>
/// <param name="Cell">k-NN accuracy on cells of scenes.</param>
internal sealed record ProbeResult(double Image, double Cell);

/// <summary>Probes backbones with the nearest neighbours of their features, by image and by cell.</summary>
/// <param name="folder">Where everything lies.</param>
/// <param name="options">How large it is.</param>
internal sealed class FeatureProbe(QuickstartFolder folder, QuickstartOptions options)
{
    /// <summary>Single objects to compare with; half as many are classified.</summary>
    public const int Images = 240;

    private const int ImageNeighbours = 10, CellNeighbours = 20;
    private const int CellTrainScenes = 60, CellTestScenes = 40;

    /// <summary>The command that probes by image.</summary>
    public string Command(StartingWeights weights) =>
        $"densecl probe knn --weights {folder[FileOf(weights)]} --root {folder.Scenes} --train {List("train")} "
        + $"--val {List("val")} --size {QuickstartFolder.SceneSize}"
        + (weights.IsRandom ? $" --random {options.Seed}" : "");

    /// <summary>Probes a backbone.</summary>
    public ProbeResult Run(StartingWeights weights)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.random.manual_seed(options.Seed);
        string file = folder[FileOf(weights)];
        ResNet network = weights.IsRandom ? BackboneFile.LoadArchitecture(file) : BackboneFile.Load(file);
        var extractor = new FeatureExtractor(
            EvaluationSettings.CenterCrop with
            {
                Size = QuickstartFolder.SceneSize,
                ShorterSide = QuickstartFolder.SceneSize,
            },
            torch.CPU);
        using IImageSource train = ImageList.Open(folder.Scenes, List("train"));
        using IImageSource test = ImageList.Open(folder.Scenes, List("val"));
        double image = Accuracy(
            extractor.Pooled(network.call, train), extractor.Pooled(network.call, test), ImageNeighbours);

        var cells = new SceneCells(QuickstartFolder.SceneSize, options.Seed);
        double cell = Accuracy(
            cells.Extract(network, 0, CellTrainScenes),
            cells.Extract(network, CellTrainScenes, CellTestScenes),
            CellNeighbours);
        return new ProbeResult(image, cell);
    }

    // Random weights have no file: another backbone tells their architecture.
    private static string FileOf(StartingWeights weights) =>
        (weights.IsRandom ? StartingWeights.Pretrained[0] : weights).BackboneFile;

    private string List(string part) => Path.Combine(folder.Scenes, $"probe_{part}.txt");

    private static double Accuracy(LabelledFeatures train, LabelledFeatures test, int neighbours)
    {
        using var probe = new NearestNeighbourProbe(train.Features, train.Labels, train.Classes);
        var settings = new NearestNeighbourSettings { Neighbours = neighbours };
        return probe.Evaluate(test.Features, test.Labels, settings).Top1Percent;
    }
}
