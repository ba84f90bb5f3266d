using Dense.Checkpoints;
using Dense.Checkpoints.Matching;
using Dense.Configuration;
using Dense.Detection;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Weights;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Where a run begins (E-66): with <c>--resume</c> from the newest checkpoint of OUTPUT_DIR, else from MODEL.WEIGHTS.
/// </summary>
/// <param name="configuration">The run.</param>
/// <param name="options">The command line.</param>
/// <param name="log">Says what was loaded and what was not.</param>
internal sealed class StartingPoint(DetectionConfiguration configuration, DetectionRunOptions options, DetectionLog log)
{
    private const string WeightsKey = "MODEL.WEIGHTS";

    /// <summary>The newest readable checkpoint; null without <c>--resume</c> or when there is none (E-172).</summary>
    /// <exception cref="CheckpointFormatException">There are checkpoints, but none can be read.</exception>
    public CheckpointFile? FindCheckpoint(DetectionCheckpoints checkpoints)
    {
        if (!options.Resume)
            return null;

        string? lastMessage = null;
        foreach (string path in checkpoints.Candidates())
        {
            try
            {
                // Mapped: it is copied into tensors at once, and our writers never change a file in place.
                return CheckpointFile.Read(path, new CheckpointReadOptions { MapFile = true });
            }
            catch (CheckpointFormatException e)
            {
                lastMessage = e.Message;
                log.Warn($"Passing over a damaged checkpoint. {e.Message}", LogSource.Checkpoints);
            }
        }

        if (lastMessage is null)
        {
            log.Info(
                $"There is no checkpoint in {checkpoints.FolderPath}; starting from {WeightsKey}.",
                LogSource.Checkpoints);
            return null;
        }

        throw new CheckpointFormatException(checkpoints.FolderPath,
            $"no checkpoint can be read. The last message: {lastMessage} Run without --resume to start over, or name "
            + "another OUTPUT_DIR.");
    }

    /// <summary>Loads MODEL.WEIGHTS into a detector.</summary>
    /// <exception cref="ConfigurationException">It is a placeholder, or there is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file does not fit, and missing weights are not allowed.
    /// </exception>
    public void LoadWeights(Detector detector)
    {
        if (configuration.Settings.Weights is not { Length: > 0 } name)
        {
            log.Info($"{WeightsKey} is empty: the model starts from scratch.", LogSource.Checkpoints);
            return;
        }

        DetectionChecks.RequireWeights(configuration);
        var parsed = WeightsName.Parse(name);
        string path = options.LocalWeights(parsed.Location);
        if (!File.Exists(path))
        {
            throw new ConfigurationException(configuration.Problem(
                WeightsKey, $"there is no file {path}. Check the path, or give \"\" to start from scratch."));
        }

        log.Info($"Loading weights from {path}", LogSource.Checkpoints);
        Report(DetectorWeights.Load(detector, path, configuration.Settings, new DetectorWeightOptions
        {
            MatchNames = parsed.MatchNames,
            AllowMissing = options.AllowMissingWeights,
            EvaluationOnly = options.Task != DetectionTask.Train,
        }));
    }

    private void Report(LoadedWeights loaded)
    {
        foreach (string note in loaded.Notes)
            log.Info(note, LogSource.Checkpoints);
        if (loaded.MatchTable.Length > 0)
            log.Detail(loaded.MatchTable, LogSource.Checkpoints);

        log.Info(loaded.Summary, LogSource.Checkpoints);
        if (!loaded.Report.IsComplete || loaded.Report.Unexpected.Count > 0)
            log.Detail(loaded.Report.ToText(mostLines: int.MaxValue), LogSource.Checkpoints);

        foreach (string warning in loaded.Warnings)
            log.Warn(warning, LogSource.Checkpoints);
    }
}
