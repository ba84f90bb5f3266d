using Dense.Configuration.Literals;

namespace Dense.Configuration.Detection;

/// <summary>The keys that detection configurations may set, with their defaults (Appendix A, E-15).</summary>
public static class DetectionDefaults
{
    /// <summary>
    /// The section of switches that the reference does not know (M-146). <see cref="MergedConfiguration.ToYaml"/>
    /// leaves out those at their default, so that the reference can read the file (E-14).
    /// </summary>
    public const string CompatibilitySection = "COMPAT";

    private const string Resource = "detection-defaults.txt";

    private const string Compatibility = """
        COMPAT.LOCAL_PRECISE_BN_COUNTS = False
        COMPAT.REFERENCE_UPSAMPLING = False
        COMPAT.SHIFTED_CLASS_NMS = False
        COMPAT.UNWEIGHTED_PRECISE_BN = False
        COMPAT.ZERO_SOLOV2_BOXES = False
        """;

    private static readonly string[] Sections = ["DATALOADER", "DATASETS", "INPUT", "TEST", "VERSION"];

    /// <summary>Every key with its default. The type of a default is the type of the key (E-10).</summary>
    public static ConfigurationSection Tree { get; } = Read();

    /// <summary>
    /// Whether a file is a detection configuration and not one of pre-training: it sets a key that only these have.
    /// </summary>
    /// <param name="file">The file with what it inherits from.</param>
    public static bool Describe(ConfigurationSection file) =>
        Sections.Any(file.Children.ContainsKey) || file.Find("MODEL.META_ARCHITECTURE") is not null;

    private static ConfigurationSection Read()
    {
        using Stream stream = typeof(DetectionDefaults).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        string[] lines = [.. reader.ReadToEnd().Split('\n'), .. Compatibility.Split('\n')];
        return lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Aggregate(ConfigurationSection.Empty, WithLine);
    }

    private static ConfigurationSection WithLine(ConfigurationSection tree, string line)
    {
        int equals = line.IndexOf(" = ", StringComparison.Ordinal);
        object? value = PythonLiteral.Decode(line[(equals + 3)..]);
        return tree.With(line[..equals], new ConfigurationLeaf(value, Origin.Default));
    }
}
