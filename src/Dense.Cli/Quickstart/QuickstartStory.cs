using System.Diagnostics;
using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Cli.Progress;
using Dense.Distributed;
using Dense.Imaging;
using Dense.Imaging.Scenes;
using Dense.Models.Backbones;
using Dense.Pretraining.Probes;
using Dense.Training.Data.Sources;
using Dense.Training.Evaluation;
using Dense.Training.Loop;
using Dense.Training.Settings;
using Spectre.Console;
using TorchSharp;

namespace Dense.Cli.Quickstart;

/// <summary>
/// Generates scenes, pre-trains two ways, extracts and converts the weights, and probes them beside random ones. Each
/// step prints the command that does the same on a user's own data.
/// </summary>
internal sealed class QuickstartStory(string folder, int seed, int epochs)
{
    public const int DefaultEpochs = 16;

    private const int SceneSize = 128;
    private const int Neighbours = 10;
    private const int CellNeighbours = 20;
    private const int CellTrainScenes = 160;
    private const int CellTestScenes = 80;

    // A ResNet-18 of a quarter of the usual width: enough to see the loss fall within two minutes on two cores.
    private const string Settings = """
        MODEL:
          BACKBONE: {DEPTH: 18, WIDTH: 16}
          QUEUE_LEN: 512
          MOMENTUM: 0.99
          BATCH_NORM_GROUPS: 4
        DATA: {SOURCE: folder, BATCH_SIZE_PER_PROCESS: 64, WORKERS: 1}
        AUGMENTATION: {CROP_SIZE: 112}
        SOLVER: {BASE_LR: 0.06}
        CHECKPOINT: {INTERVAL_EPOCHS: 8, KEEP_LAST: 1}
        LOG: {INTERVAL: 8}
        DEVICE: cpu
        """;

    private static readonly (string Title, string Name, string[] Keys)[] Methods =
    [
        ("MoCo-v2", "mocov2", ["MODEL.METHOD", "MoCo", "MODEL.NECK.TYPE", "MLP"]),
        ("DenseCL", "densecl", ["MODEL.METHOD", "DenseCL"]),
    ];

    private string Scenes => Path.Combine(folder, "scenes");

    public void Tell()
    {
        var watch = Stopwatch.StartNew();
        Directory.CreateDirectory(folder);
        Generate();

        var curves = new List<LossCurve>();
        var rows = new List<QuickstartRow>();
        foreach (var (title, name, keys) in Methods)
        {
            var curve = new LossCurve(title);
            string backbone = Pretrain(title, name, keys, curve);
            curves.Add(curve);
            rows.Add(Probe(title, backbone, fresh: false));
        }

        rows.Insert(0, Probe("random", rows[0].Backbone, fresh: true));
        LossCurve.Save(curves, Path.Combine(folder, "losses.png"));
        DrawCorrespondences(rows);
        QuickstartReport.Write(folder, rows, watch.Elapsed);
        Print(rows, watch.Elapsed);
    }

    private void Generate()
    {
        Announce("Synthetic scenes", $"densecl dataset generate {Scenes} --images 240 --unlabelled 1024 --probe 400");
        SceneDataset.Write(Scenes, new SceneOptions
        {
            Images = CellTrainScenes + CellTestScenes,
            Unlabelled = 1024,
            Probe = 400,
            Size = SceneSize,
            Seed = seed,
        });

        var tiles = Enumerable.Range(0, 8).Select(i => (PictureOf(i), "")).ToList();
        ImageEncoder.Save(Mosaic.Arrange(tiles, columns: 4), Path.Combine(folder, "scenes.png"));
    }

    private string Pretrain(string title, string name, string[] keys, LossCurve curve)
    {
        string run = Path.Combine(folder, name);
        string config = Path.Combine(folder, "pretrain.yaml");
        AtomicFile.WriteText(config, Settings);
        string[] overrides =
        [
            .. keys, "DATA.ROOT", Path.Combine(Scenes, "unlabelled"), "SOLVER.EPOCHS", $"{epochs}", "SEED", $"{seed}",
            "OUTPUT_DIR", run,
        ];
        Announce($"Pre-train {title}", $"densecl pretrain --config-file {config} {string.Join(' ', overrides)}");
        TerminalLog terminal = TerminalLog.ForStandardError();
        string latest;
        using (torch.NewDisposeScope())
        using (var training = new PretrainingRun(
            PretrainingConfiguration.Load(config, overrides), startFresh: true, [terminal, curve],
            SingleProcess.Instance, TimeProvider.System))
        {
            training.Execute(new StopRequest(), terminal.Step);
            latest = training.Checkpoints.Latest()!;
        }

        string backbone = Path.Combine(folder, $"{name}_backbone.pth");
        Announce("Extract the backbone", $"densecl extract {latest} {backbone}");
        TorchFile.Write(backbone, BackboneExtraction.Extract(WeightFile.Recognize(CheckpointFile.Read(latest))));

        string converted = Path.ChangeExtension(backbone, ".pkl");
        Announce("Convert it for detectron2", $"densecl convert {backbone} {converted}");
        BackboneConversion.Write(WeightFile.Recognize(CheckpointFile.Read(backbone)), converted);
        return backbone;
    }

    private QuickstartRow Probe(string title, string backbone, bool fresh)
    {
        string train = Path.Combine(Scenes, "probe_train.txt"), val = Path.Combine(Scenes, "probe_val.txt");
        Announce($"Probe the {title} features",
            $"densecl probe knn --weights {backbone} --root {Scenes} --train {train} --val {val} --size {SceneSize}"
            + (fresh ? $" --random {seed}" : ""));
        using DisposeScope scope = torch.NewDisposeScope();
        torch.random.manual_seed(seed);
        ResNet network = fresh ? BackboneFile.LoadArchitecture(backbone) : BackboneFile.Load(backbone);
        var extractor = new FeatureExtractor(
            EvaluationSettings.CenterCrop with { Size = SceneSize, ShorterSide = SceneSize }, torch.CPU);
        using IImageSource trainSource = ImageList.Open(Scenes, train), testSource = ImageList.Open(Scenes, val);
        double image = Knn(
            extractor.Pooled(network.call, trainSource), extractor.Pooled(network.call, testSource), Neighbours);

        var cells = new SceneCells(SceneSize, seed);
        double cell = Knn(
            cells.Extract(network, 0, CellTrainScenes), cells.Extract(network, CellTrainScenes, CellTestScenes),
            CellNeighbours);
        return new QuickstartRow(title, image, cell, backbone);
    }

    private static double Knn(LabelledFeatures train, LabelledFeatures test, int neighbours)
    {
        using var probe = new NearestNeighbourProbe(train.Features, train.Labels, train.Classes);
        return probe.Evaluate(test.Features, test.Labels,
            new NearestNeighbourSettings { Neighbours = neighbours }).Top1Percent;
    }

    // A scene and a part of it, enlarged: true matches lead to where the part was cut out.
    private void DrawCorrespondences(List<QuickstartRow> rows)
    {
        RgbImage whole = PictureOf(0), part = new();
        var box = new PixelBox(SceneSize / 4, SceneSize / 8, SceneSize * 5 / 8, SceneSize * 5 / 8);
        new BilinearResampler().Resize(whole, box, SceneSize, SceneSize, part);
        foreach (QuickstartRow row in rows.Where(r => r.Weights != "random"))
        {
            using ResNet network = BackboneFile.Load(row.Backbone);
            var matches = new Correspondence(network, SceneSize * 3).Match(whole, part, threshold: 0.5);
            string picture = Path.Combine(folder, QuickstartReport.CorrespondenceName(row));
            CorrespondencePicture.Save(whole, part, [.. matches.Take(12)], picture);
        }
    }

    private RgbImage PictureOf(int index)
    {
        Scene scene = Scene.Create(SceneSize, seed, ScenePart.Labelled, index);
        var image = new RgbImage(scene.Size, scene.Size);
        scene.Pixels.CopyTo(image.Pixels);
        return image;
    }

    private void Print(IReadOnlyList<QuickstartRow> rows, TimeSpan elapsed)
    {
        var table = new Table().AddColumns("weights", "image k-NN top-1 %", "cell k-NN top-1 %");
        foreach (QuickstartRow row in rows)
            table.AddRow(row.Weights, $"{row.ImageTop1:F1}", $"{row.CellTop1:F1}");

        AnsiConsole.Write(table);
        Console.WriteLine($"{elapsed.TotalMinutes:F1} minutes. Eight classes: guessing gives 12.5 %. "
            + "One seed on a tiny network: run other seeds before you read much into differences.");
        Console.WriteLine($"Report: {Path.Combine(folder, QuickstartReport.FileName)}");
    }

    private static void Announce(string step, string command) => Console.Error.WriteLine($"\n== {step}\n   {command}");
}
