using System.CommandLine;
using System.Globalization;
using Dense.Coco.Annotations;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2.GridFit;
using Dense.Training.Data;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Commands;

/// <summary><c>densecl dataset grids</c>: fits SOLOv2's grids to the sizes of objects (KF-22).</summary>
internal static class DatasetGridsCommand
{
    // Of the configurations in configs/DenseCL: the middle of 640 … 800, and INPUT.MAX_SIZE_TRAIN.
    private const int ShortSide = 720, LongSide = 1333;

    // √(width·height) below which a mask may vanish at a quarter of the size.
    private const int Vanishing = 4;

    private static readonly Argument<FileInfo> Annotations =
        new("GT") { Description = "COCO annotation file (.json or .json.gz) that is trained on." };

    private static readonly Option<string?> ConfigFile = new("--config-file")
    {
        Description = "Configuration whose image sizes and grids are looked at. Without it: those of configs/DenseCL.",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command("grids", "Propose MODEL.SOLOV2.FPN_SCALE_RANGES and NUM_GRIDS for the objects of a " +
            "data set. The defaults fit COCO; small objects, or objects of one size, need others.")
        {
            Annotations, ConfigFile,
        };
        command.SetAction(Run);
        return command.WithExamples(
            "densecl dataset grids annotations.json",
            "densecl dataset grids annotations.json --config-file configs/small/solov2_nuclei.yaml");
    }

    private static int Run(ParseResult parsed)
    {
        (SoloV2Settings solo, int shortSide, int longSide) = SettingsOf(parsed.GetValue(ConfigFile));
        string file = parsed.GetRequiredValue(Annotations).FullName;
        IReadOnlyList<GridObject> objects = GridProposal.Objects(CocoDataset.Load(file), shortSide, longSide);
        if (objects.Count == 0)
        {
            throw new DatasetException(
                $"{file}: there is no object with a box in an image of known size. See: densecl dataset check {file}");
        }

        double[] sizes = [.. objects.Select(o => o.Size).Order()];
        Console.WriteLine(
            $"{objects.Count} objects; images with a short side of {shortSide} pixels, at most {longSide} long. Sizes "
            + "(square root of the box area) in these pixels:");
        Console.WriteLine("smallest {0}, 10 % {1}, median {2}, 90 % {3}, largest {4}",
            [.. new[] { 0, 0.1, 0.5, 0.9, 1 }.Select(part => Number(sizes[(int)(part * (sizes.Length - 1))]))]);
        int vanishing = sizes.Count(size => size < Vanishing);
        if (vanishing > 0)
        {
            Console.WriteLine($"{vanishing} objects are smaller than {Vanishing} pixels: their masks may vanish at a "
                + "quarter of the size. Enlarge the images (INPUT.MIN_SIZE_TRAIN), or train with "
                + "--solov2-drop-vanished.");
        }

        Print("Now", objects, GridProposal.Fill(objects, solo), solo);
        IReadOnlyList<GridLevel> proposed = GridProposal.Of(objects, solo, shortSide);
        Print("Proposed", objects, proposed, solo);
        Console.WriteLine();
        Console.WriteLine("Add to the command or the configuration:");
        Console.WriteLine(
            $"MODEL.SOLOV2.FPN_SCALE_RANGES \"({string.Join(", ", proposed.Select(l => $"({l.Low}, {l.High})"))})\" "
            + $"MODEL.SOLOV2.NUM_GRIDS \"[{string.Join(", ", proposed.Select(l => l.Grid))}]\"");
        return CommandLine.Done;
    }

    private static (SoloV2Settings Solo, int ShortSide, int LongSide) SettingsOf(string? configuration)
    {
        if (configuration is null)
            return (new SoloV2Settings(), ShortSide, LongSide);

        DetectionRunSettings settings = DetectionConfiguration.Load(configuration, []).Settings;
        if (settings.Detector.Kind != DetectorKind.SoloV2)
        {
            throw new UsageException(
                $"--config-file {configuration}: it describes FCOS (MODEL.META_ARCHITECTURE), which has no grids. "
                + "Give the configuration of a SOLOv2.");
        }

        IReadOnlyList<int> sides = settings.Data.MinSizeTrain;
        return (settings.Detector.SoloV2, (sides.Min() + sides.Max()) / 2, settings.Data.MaxSizeTrain);
    }

    private static void Print(
        string title, IReadOnlyList<GridObject> objects, IReadOnlyList<GridLevel> levels, SoloV2Settings solo)
    {
        int outside = objects.Count(o => !levels.Any(l => o.Size >= l.Low && o.Size <= l.High));
        Console.WriteLine();
        Console.WriteLine($"{title}: {outside} objects on no level");
        Console.WriteLine("level  stride         sizes  grid   objects  in a cell with another");
        for (int i = 0; i < levels.Count; i++)
        {
            GridLevel level = levels[i];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{i,5}  {solo.Strides[i],6}  {level.Low,5} - {level.High,4}  {level.Grid,4}  {level.Objects,8}"
                + $"  {level.Contested,8} ({100 * level.ContestedShare:0.0} %)"));
        }
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
