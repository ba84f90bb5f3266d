using Dense.Configuration;
using Dense.Configuration.Yaml;

namespace Dense.Training.Settings;

/// <summary>The settings of a pre-training run together with where each of them comes from.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Resolved">Every key with its value and origin.</param>
public sealed record PretrainingConfiguration(PretrainingSettings Settings, ConfigurationSection Resolved)
{
    /// <summary>The name under which a run keeps its resolved configuration, beside its checkpoints.</summary>
    public const string FileName = "config.yaml";

    /// <summary>Reads a file, then <c>KEY VALUE</c> pairs on top, and checks everything.</summary>
    /// <param name="path">The configuration file.</param>
    /// <param name="overrides">Keys at even places, values at odd places.</param>
    /// <exception cref="ConfigurationException">Everything that is wrong.</exception>
    public static PretrainingConfiguration Load(string path, IReadOnlyList<string> overrides) =>
        PretrainingSettingsReader.Read(Overrides.Apply(ConfigurationFile.Load(path), overrides));

    /// <summary>A problem with a key, at the place where its value comes from.</summary>
    /// <param name="key">The full key.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public Problem Problem(string key, string message) =>
        new(key, Resolved.Find(key)?.Origin ?? Origin.Default, message);

    /// <summary>The configuration as a file that, loaded again, gives the same settings.</summary>
    public string ToYaml() => YamlWriter.Write(Resolved);
}
