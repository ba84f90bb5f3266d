using Dense.Configuration;
using Dense.Configuration.Detection;

namespace Dense.Training.Detection.Settings;

/// <summary>The settings of a detection run together with where each of them comes from.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Merged">Every key with its value and origin.</param>
/// <param name="Warnings">What the user should know before the run: keys without effect, assumptions.</param>
public sealed record DetectionConfiguration(
    DetectionRunSettings Settings, MergedConfiguration Merged, IReadOnlyList<Problem> Warnings)
{
    /// <summary>The name under which a run keeps its configuration, in its output directory (E-28).</summary>
    public const string FileName = "config.yaml";

    /// <summary>Reads a file, then <c>KEY VALUE</c> pairs on top, and checks everything.</summary>
    /// <param name="path">A configuration of AdelaiDet or of this project.</param>
    /// <param name="overrides">Keys at even places, values at odd places.</param>
    /// <exception cref="ConfigurationException">Everything that is wrong.</exception>
    public static DetectionConfiguration Load(string path, IReadOnlyList<string> overrides) =>
        DetectionSettingsReader.Read(MergedConfiguration.Load(path, overrides));

    /// <summary>A problem with a key, at the place where its value comes from.</summary>
    /// <param name="key">The full key.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public Problem Problem(string key, string message) =>
        new(key, Merged.Tree.Find(key)?.Origin ?? Origin.Default, message);

    /// <summary>The configuration as a file that, loaded again by us or by AdelaiDet, gives the same (E-14).</summary>
    public string ToYaml() => Merged.ToYaml();
}
