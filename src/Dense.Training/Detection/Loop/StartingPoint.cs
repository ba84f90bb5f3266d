using Dense.Checkpoints;
using Dense.Checkpoints.Matching;
using Dense.Configuration;
using Dense.Detection;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Weights;
using Dense.Training.Logging;

namespace Dense.Training.Detection.Loop;

/// <summary>
/// Where a run begins (E-66): with <c>--resume</c> from the newest checkpoint of OUTPUT_DIR, else from MODEL.WEIGHTS.
/// </summary>
/// <param name="configuration">The run.</param>
/// <param name="options">The command line.</param>
/// <param name="weights">What <see cref="FindWeights"/> gave.</param>
/// <param name="log">Says what was loaded and what was not.</param>
internal sealed class StartingPoint(
    DetectionConfiguration configuration, DetectionRunOptions options, WeightsName? weights, DetectionLog log)
{
    private const string WeightsKey = "MODEL.WEIGHTS";

    /// <summary>
    /// The file behind MODEL.WEIGHTS, found before anything is written (M-140); null for a start from scratch, or where
    /// a checkpoint is resumed from instead.
    /// </summary>
    /// <exception cref="ConfigurationException">It is a placeholder, there is no such file, or an evaluation has no
    /// weights (E-192).</exception>
    public static WeightsName? FindWeights(
        DetectionConfiguration configuration, DetectionRunOptions options, DetectionCheckpoints checkpoints)
    {
        if (options.Resume && checkpoints.Exist)
            return null;

        if (configuration.Settings.Weights is not { Length: > 0 } name)
        {
            return options.Task == DetectionTask.Train || options.AllowMissingWeights ? null : throw Refuse(
                "is empty: the model would keep its random weights. Name those of a detector: MODEL.WEIGHTS FILE, or "
                + "accept random ones with --allow-missing-weights.");
        }

        DetectionChecks.RequireWeights(configuration);
        var parsed = WeightsName.Parse(name);
        string path = options.LocalWeights(parsed.Location);
        return File.Exists(path) ? parsed with { Location = path } : throw Refuse(
            $"there is no file {path}. Check the path, or give \"\" to start from scratch.");

        ConfigurationException Refuse(string message) => new(configuration.Problem(WeightsKey, message));
    }

    /// <summary>The newest readable checkpoint; null without <c>--resume</c> or when there is none (E-172).</summary>
    /// <exception cref="CheckpointFormatException">There are checkpoints, but none can be read.</exception>
    public CheckpointFile? FindCheckpoint(DetectionCheckpoints checkpoints)
    {
        if (!options.Resume)
            return null;

        if (!checkpoints.Exist)
        {
            log.Info(
                $"There is no checkpoint in {checkpoints.FolderPath}; starting from {WeightsKey}.",
                LogSource.Checkpoints);
            return null;
        }

        string? lastMessage = null;
        if (checkpoints.Latest() is null)
        {
            lastMessage = "The checkpoint that last_checkpoint names is not there.";
            log.Warn($"{checkpoints.FolderPath}: {lastMessage}", LogSource.Checkpoints);
        }

        foreach (string path in checkpoints.Candidates())
        {
            try
            {
                // Mapped: it is copied into tensors at once, and our writers never change a file in place.
                return CheckpointFile.Read(path, new CheckpointReadOptions
                {
                    MapFile = true,
                    AllowOpaqueObjects = options.AllowOpaqueObjects,
                });
            }
            catch (Exception e) when (e is CheckpointFormatException or IOException or UnauthorizedAccessException)
            {
                lastMessage = e.Message;
                string kind = e is CheckpointFormatException ? "a damaged" : "an unreadable";
                log.Warn($"Passing over {kind} checkpoint. {e.Message}", LogSource.Checkpoints);
            }
        }

        throw new CheckpointFormatException(checkpoints.FolderPath,
            $"no checkpoint can be read. The last message: {lastMessage} Run without --resume to start over, or name "
            + "another OUTPUT_DIR.");
    }

    /// <summary>Loads MODEL.WEIGHTS into a detector.</summary>
    /// <exception cref="CheckpointFormatException">The file does not fit, and missing weights are not allowed.
    /// </exception>
    public void LoadWeights(Detector detector)
    {
        if (weights is null)
        {
            log.Info($"{WeightsKey} is empty: the model starts from scratch.", LogSource.Checkpoints);
            return;
        }

        log.Info($"Loading weights from {weights.Location}", LogSource.Checkpoints);
        Report(DetectorWeights.Load(detector, weights.Location, configuration.Settings, new DetectorWeightOptions
        {
            MatchNames = weights.MatchNames,
            AllowOpaqueObjects = options.AllowOpaqueObjects,
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
        {
            // Each name is worth a warning (E-63), but no screen holds them.
            log.Detail(loaded.Report.ToText(mostLines: int.MaxValue), LogSource.Checkpoints, LogLevel.Warning);
        }

        foreach (string warning in loaded.Warnings)
            log.Warn(warning, LogSource.Checkpoints);
    }
}
