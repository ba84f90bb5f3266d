using System.CommandLine;
using Dense.Cli.Prediction;
using Dense.Detection;
using Dense.Imaging;
using Dense.Torch.Native;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Pictures;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Commands;

/// <summary><c>densecl predict</c>: draws and writes what a trained detector finds.</summary>
internal static class PredictCommand
{
    private static readonly Option<string> ConfigFile = new("--config-file")
    {
        Description = "The configuration that the detector was trained with, such as config.yaml of its run.",
        Required = true,
        HelpName = "FILE",
    };

    private static readonly Option<string> Weights = new("--weights")
    {
        Description = "Weight file of the detector, such as model_final.pth, or its https:// address.",
        Required = true,
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Images = new("--input")
    {
        Description = "Images, folders of images, or .txt files with a path per line.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "IMAGES",
    };

    private static readonly Option<string> OutputFolder = new("--output")
    {
        Description = "Folder for the pictures and predictions.json.",
        Required = true,
        HelpName = "DIR",
    };

    private static readonly Option<double> Threshold = new("--confidence-threshold")
    {
        Description = "Smallest score of what is drawn and written.",
        DefaultValueFactory = _ => 0.3,
    };

    private static readonly Option<string?> Annotations = new("--annotations")
    {
        Description = "COCO annotation file that names the classes. Without it: COCO's 80, or those of the "
            + "configuration's data sets.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Datasets = new("--register-datasets")
    {
        Description = "File that registers the configuration's data sets.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Opaque = WeightFileArguments.AllowOpaqueObjects();

    private static readonly DetectorOptions Departures = new();

    private static readonly Argument<string[]> Settings = new("KEY VALUE")
    {
        Description = "Settings that replace those of the file, in pairs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command("predict", "Draw and write what a trained detector finds in images.")
        {
            ConfigFile, Weights, Images, OutputFolder, Threshold, Annotations, Datasets, Opaque,
            Departures.ClipBeforeNms, Departures.MaxCandidates, Settings,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl predict --config-file output/config.yaml --weights output/model_final.pth --input photos --output "
                + "predictions",
            "densecl predict --config-file configs/DenseCL/SOLOv2_R50_1x_DenseCL.yaml --weights model_final.pth "
                + "--input a.jpg b.jpg --output out MODEL.DEVICE cpu",
            "densecl predict --config-file output/config.yaml --weights output/model_final.pth --input list.txt "
                + "--output out --confidence-threshold 0.5");
    }

    private static int Run(ParseResult parsed)
    {
        string[] pairs = parsed.GetValue(Settings) ?? [];
        Overrides.RequirePairs(pairs);
        double minimum = parsed.GetValue(Threshold);
        if (!(minimum >= 0 && minimum <= 1))
            throw new UsageException($"--confidence-threshold {minimum}: expected a score from 0 to 1.");

        IReadOnlyList<InputFile> files = InputFile.Expand(parsed.GetRequiredValue(Images));
        DetectionConfiguration configuration = DetectionConfiguration.Load(parsed.GetRequiredValue(ConfigFile), pairs);
        Departures.RequireFor(parsed, configuration.Settings.Detector.Kind);
        PredictionClasses classes = PredictionClasses.Of(
            configuration.Settings, parsed.GetValue(Annotations), parsed.GetValue(Datasets));
        NativeStartup.Require();
        using var predictor = new DetectionPredictor(
            configuration, NamedWeights.Fetch(parsed.GetRequiredValue(Weights)), OptionsOf(parsed));
        foreach (string line in predictor.Loaded.Notes.Append(predictor.Loaded.Summary))
            Console.Error.WriteLine(line);
        foreach (string warning in predictor.Loaded.Warnings)
            Console.Error.WriteLine($"Warning: {warning}");

        return Predict(predictor, files, classes, minimum, parsed.GetRequiredValue(OutputFolder));
    }

    internal static DetectionRunOptions OptionsOf(ParseResult parsed) => new()
    {
        Solo = Departures.SoloOf(parsed),
        ClipsBeforeNms = parsed.GetValue(Departures.ClipBeforeNms),
        AllowOpaqueObjects = parsed.GetValue(Opaque),
    };

    // A photograph that cannot be read is named and passed over; the others still get their pictures.
    private static int Predict(
        DetectionPredictor predictor,
        IReadOnlyList<InputFile> files,
        PredictionClasses classes,
        double minimum,
        string output)
    {
        var painter = new DetectionPainter(classes.Names);
        using var decoder = new ImageDecoder(new ImageDecoderSettings { ApplyExifOrientation = true });
        var image = new RgbImage();
        var done = new List<(string Name, ImageDetections Detections)>();
        int unreadable = 0;
        for (int i = 0; i < files.Count; i++)
        {
            try
            {
                decoder.DecodeFile(files[i].Path, image);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"densecl: {e.Message}");
                unreadable++;
                continue;
            }

            ImageDetections found = predictor.Predict(image, i + 1, files[i].Name);
            string picture = PicturePath(output, files[i].Name);
            Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
            ImageEncoder.Save(painter.Paint(image, found, minimum), picture);
            done.Add((files[i].Name, found));
            Console.Error.WriteLine(
                $"{i + 1}/{files.Count} {files[i].Path}: {found.Scores.Count(s => s >= minimum)} objects -> {picture}");
        }

        Directory.CreateDirectory(output);
        string json = Path.Combine(output, "predictions.json");
        PredictionFile.Write(json, done, classes, minimum);
        Console.WriteLine(json);
        if (unreadable == 0)
            return CommandLine.Done;

        Console.Error.WriteLine($"densecl: {unreadable} of {files.Count} images could not be read.");
        return CommandLine.Failed;
    }

    private static string PicturePath(string folder, string name)
    {
        bool isJpeg = Path.GetExtension(name).ToUpperInvariant() is ".JPG" or ".JPEG";
        return Path.Combine(folder, isJpeg ? name : Path.ChangeExtension(name, ".png"));
    }
}
