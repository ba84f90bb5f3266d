using Dense.Checkpoints;
using Dense.Configuration;
using Dense.Distributed;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;

namespace Dense.Training.Detection.Loop;

/// <summary>What a run says of itself before it begins: machine, command line, settings (E-23, E-24).</summary>
internal static class RunDescription
{
    /// <summary>Logs it, and writes the settings to config.yaml.</summary>
    public static void Write(
        DetectionLog log, DetectionConfiguration configuration, DetectionRunOptions options, ICollectives collectives)
    {
        log.Detail($"Rank of current process: {collectives.Rank}. World size: {collectives.WorldSize}");
        log.Detail($"Environment:\n{EnvironmentTable.Text()}");
        log.Detail($"Command line arguments: {options.CommandLine}");
        if (options.ConfigurationFile is { } file)
            log.Detail($"Contents of args.config_file={file}:\n{File.ReadAllText(file)}");
        if (collectives.Rank == 0)
        {
            string path = Path.Combine(configuration.Settings.OutputDirectory, DetectionConfiguration.FileName);
            log.Detail($"Running with full config:\n{configuration.ToYaml()}");
            AtomicFile.WriteText(path, configuration.ToYaml());
            log.Info($"Full config saved to {path}");
        }

        foreach (Problem warning in configuration.Warnings)
            log.Warn(warning.ToString());
        if (configuration.Settings.CudnnBenchmark)
            log.Warn("CUDNN_BENCHMARK has no effect here.");
    }
}
