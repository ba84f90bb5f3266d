using Dense.Configuration;
using Dense.Detection;
using Dense.Distributed;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Evaluation;

/// <summary>The test sets of a run, read for the losses on them; what is wrong with them is found at once.</summary>
internal sealed class ValidationSets
{
    private readonly DetectionDataSettings _data;
    private readonly List<(string Name, TrainingSet Set)> _sets = [];

    /// <summary>Reads the sets; images without objects are left out where training leaves them out.</summary>
    /// <exception cref="ConfigurationException">The detector has another number of classes.</exception>
    /// <exception cref="Training.Data.DatasetException">A set has no annotations to compute losses from.</exception>
    public ValidationSets(DetectionConfiguration configuration, DetectionRunSettings settings, DatasetCatalog catalog)
    {
        _data = settings.Data;
        foreach (string name in settings.TestSets)
        {
            CocoRecords records = catalog.Read(name);
            DetectionChecks.CheckClasses(configuration, name, records.ClassNames.Count);
            _sets.Add((name, TrainingSet.Assemble([records], _data)));
        }
    }

    /// <summary>On the first rank, the losses by name, with several sets by <c>set/name</c>.</summary>
    public IEnumerable<KeyValuePair<string, double>> Losses(
        Detector detector,
        Func<IReadOnlyList<InputImage>, ImageBatch> batching,
        DetectionLog log,
        ICollectives collectives)
    {
        var validation = new ValidationLoss(detector, log, collectives);
        foreach (var (name, set) in _sets)
        {
            string prefix = _sets.Count == 1 ? "" : name + "/";
            using var loader = DetectionLoader.Validation(set.Images, _data);
            foreach (var (term, value) in validation.Run(name, loader.Next, batching, loader.BatchCount ?? 0))
                yield return KeyValuePair.Create(prefix + term, value);
        }
    }
}
