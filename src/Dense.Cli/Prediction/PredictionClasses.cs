using Dense.Coco.Annotations;
using Dense.Detection.Settings;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Settings;

namespace Dense.Cli.Prediction;

/// <summary>What a detector's class numbers mean.</summary>
/// <param name="Ids">Category ids by class number.</param>
/// <param name="Names">Names by class number.</param>
internal sealed record PredictionClasses(IReadOnlyList<long> Ids, IReadOnlyList<string> Names)
{
    /// <summary>
    /// From an annotation file if one is named, else COCO's own for 80 classes, else from a registered data set of the
    /// configuration, else numbers.
    /// </summary>
    /// <param name="settings">The run.</param>
    /// <param name="annotations">A COCO annotation file, or null.</param>
    /// <param name="registrations">A file that registers data sets, or null.</param>
    /// <exception cref="UsageException">The annotation file has another number of classes than the
    /// detector.</exception>
    public static PredictionClasses Of(DetectionRunSettings settings, string? annotations, string? registrations)
    {
        DetectorSettings detector = settings.Detector;
        int count = detector.Kind == DetectorKind.Fcos ? detector.Fcos.NumClasses : detector.SoloV2.NumClasses;
        if (annotations is not null)
        {
            PredictionClasses named = FromFile(annotations);
            return named.Names.Count == count ? named : throw new UsageException(
                $"--annotations {annotations}: it has {named.Names.Count} categories, but the detector tells {count} "
                    + "apart.");
        }

        if (count == CocoClasses.All.Count)
            return new PredictionClasses(
                [.. CocoClasses.All.Select(c => (long)c.Id)], [.. CocoClasses.All.Select(c => c.Name)]);

        DatasetCatalog catalog = DatasetCatalog.Open(registrations: registrations);
        foreach (string name in settings.TestSets.Concat(settings.TrainSets).Where(catalog.Names.Contains))
        {
            string file = catalog.Find(name).AnnotationFile;
            if (File.Exists(file) && FromFile(file) is var found && found.Names.Count == count)
                return found;
        }

        return new PredictionClasses(
            [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => $"class {i}")]);
    }

    private static PredictionClasses FromFile(string path)
    {
        CocoCategory[] categories = [.. CocoDataset.Load(path).Categories.OrderBy(c => c.Id)];
        return new PredictionClasses([.. categories.Select(c => c.Id)], [.. categories.Select(c => c.Name)]);
    }
}
