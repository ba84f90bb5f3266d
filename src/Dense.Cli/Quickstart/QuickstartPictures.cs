using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Imaging;
using Dense.Imaging.Scenes;
using Dense.Models.Backbones;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Pictures;
using Dense.Training.Detection.Settings;
using Dense.Training.Evaluation;

namespace Dense.Cli.Quickstart;

/// <summary>Draws scenes, detections and correspondences.</summary>
/// <param name="folder">Where the pictures go.</param>
/// <param name="options">Which scenes.</param>
internal sealed class QuickstartPictures(QuickstartFolder folder, QuickstartOptions options)
{
    private const int DrawnScenes = 3;

    // Four pictures side by side then fit a page at their own size, which keeps their labels sharp.
    private const int Enlargement = 2;

    private readonly DetectionPainter _painter =
        new([.. QuickstartFolder.Look.Classes().Select(s => s.CategoryName())], Enlargement);

    /// <summary>The file with a detector's detections.</summary>
    public static string DetectionsName(QuickstartDetector detector) => $"detections_{detector.Name}.png";

    /// <summary>The file with the matches of a backbone.</summary>
    public static string CorrespondenceName(StartingWeights weights) => $"correspondence_{weights.Name}.png";

    /// <summary>Draws some scenes.</summary>
    public void DrawScenes()
    {
        List<(RgbImage, string)> tiles = [.. Scenes(8).Select(s => (QuickstartFolder.PictureOf(s), ""))];
        ImageEncoder.Save(Mosaic.Arrange(tiles, columns: tiles.Count), folder[QuickstartFolder.ScenesPicture]);
    }

    /// <summary>Draws what a detector finds in the same scenes from each of the weights, beside the truth.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="trainings">Its trainings, in the order of the columns.</param>
    public void DrawDetections(QuickstartDetector detector, IReadOnlyList<FineTuning> trainings)
    {
        Scene[] scenes = [.. Scenes(DrawnScenes)];
        bool hasMasks = detector.Metric.StartsWith("segm", StringComparison.Ordinal);
        var columns = new List<(string Title, IReadOnlyList<RgbImage> Pictures)>
        {
            ("truth", [.. scenes.Select(s => Paint(s, Truth(s, hasMasks)))]),
        };
        columns.AddRange(trainings.Select(t => (t.Weights.Title, Detect(t, scenes))));

        List<(RgbImage, string)> tiles =
        [
            .. from row in Enumerable.Range(0, scenes.Length)
               from column in columns
               select (column.Pictures[row], column.Title),
        ];
        ImageEncoder.Save(Mosaic.Arrange(tiles, columns.Count), folder[DetectionsName(detector)]);
    }

    /// <summary>
    /// Draws matches between a scene and a part of it, enlarged: true ones lead to where it was cut out.
    /// </summary>
    public void DrawCorrespondence(StartingWeights weights)
    {
        const int Size = QuickstartFolder.SceneSize;
        RgbImage whole = QuickstartFolder.PictureOf(Scenes(1).Single()), part = new();
        var box = new PixelBox(Size / 4, Size / 8, Size * 5 / 8, Size * 5 / 8);
        new BilinearResampler().Resize(whole, box, Size, Size, part);
        using ResNet network = BackboneFile.Load(folder[weights.BackboneFile]);
        var matches = new Correspondence(network, Size * 3).Match(whole, part, threshold: 0.5);
        CorrespondencePicture.Save(whole, part, [.. matches.Take(12)], folder[CorrespondenceName(weights)]);
    }

    private IEnumerable<Scene> Scenes(int count) =>
        Enumerable.Range(0, Math.Min(count, options.Validation))
            .Select(i => QuickstartFolder.ValidationScene(options, i));

    private IReadOnlyList<RgbImage> Detect(FineTuning training, Scene[] scenes)
    {
        var configuration = DetectionConfiguration.Load(
            Path.Combine(folder[training.Name], DetectionConfiguration.FileName), []);
        using var predictor = new DetectionPredictor(
            configuration, Path.Combine(folder[training.Name], "model_final.pth"));
        return [.. scenes.Select((s, i) =>
            Paint(s, predictor.Predict(QuickstartFolder.PictureOf(s), i + 1, $"{i + 1}")))];
    }

    // As many as there are objects: scores of detectors that learned for minutes have no common scale.
    private RgbImage Paint(Scene scene, ImageDetections detections)
    {
        int shown = Math.Min(scene.Objects.Count, detections.Count);
        double smallestScore = shown == 0 ? 1 : detections.Scores[shown - 1];
        return _painter.Paint(QuickstartFolder.PictureOf(scene), detections, smallestScore);
    }

    private static ImageDetections Truth(Scene scene, bool hasMasks) => new()
    {
        Height = scene.Size,
        Width = scene.Size,
        Boxes =
        [
            .. scene.Objects.Select(o => o.Mask.Box)
                .SelectMany(b => (float[])[b.X, b.Y, b.X + b.Width, b.Y + b.Height]),
        ],
        Scores = [.. scene.Objects.Select(_ => 1f)],
        Classes = [.. scene.Objects.Select(o => (int)o.Shape)],
        Masks = hasMasks ? [.. scene.Objects.Select(o => MaskOf(o.Mask))] : null,
    };

    private static RunLengthMask MaskOf(VisibleMask mask)
    {
        byte[] pixels = new byte[mask.Size * mask.Size];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = mask[i % mask.Size, i / mask.Size] ? (byte)1 : (byte)0;

        return RunLengthMask.FromRowMajor(mask.Size, mask.Size, pixels);
    }
}
