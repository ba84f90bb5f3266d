using Dense.Configuration.Literals;
using Dense.Configuration.Yaml;

namespace Dense.Configuration.Detection;

/// <summary>A detection configuration laid over the defaults: every key with its value (E-8).</summary>
/// <param name="Tree">Every key, typed as its default; a value may also be null (E-10).</param>
/// <param name="Warnings">What the user should know although it is accepted.</param>
public sealed record MergedConfiguration(ConfigurationSection Tree, IReadOnlyList<Problem> Warnings)
{
    /// <summary>Reads a file, then <c>KEY VALUE</c> pairs on top.</summary>
    /// <param name="path">The configuration file of AdelaiDet, detectron2 or this project.</param>
    /// <param name="pairs">Keys at even places, values at odd places.</param>
    /// <exception cref="ConfigurationException">Everything that is wrong.</exception>
    public static MergedConfiguration Load(string path, IReadOnlyList<string> pairs) =>
        Merge(ConfigurationFile.Load(path), pairs);

    /// <summary>Lays a file, then <c>KEY VALUE</c> pairs over the defaults.</summary>
    /// <param name="file">The file with what it inherits from.</param>
    /// <param name="pairs">Keys at even places, values at odd places.</param>
    /// <exception cref="ConfigurationException">Everything that is wrong.</exception>
    public static MergedConfiguration Merge(ConfigurationSection file, IReadOnlyList<string> pairs)
    {
        var merge = new StrictMerge(DetectionDefaults.Tree);
        merge.Lay(VersionUpgrade.Apply(file, merge.Problems, merge.Warnings));
        merge.Problems.AddRange(Overrides.OddCount(pairs));
        foreach (string[] pair in pairs.Chunk(2).Where(pair => pair.Length == 2))
            LayPair(merge, pair);

        return merge.Problems.Count == 0
            ? new MergedConfiguration(merge.Tree, merge.Warnings)
            : throw new ConfigurationException(merge.Problems);
    }

    /// <summary>
    /// The configuration as a file that, loaded again, gives the same values; the reference can load it too (E-14).
    /// </summary>
    /// <param name="withOrigins">Whether a comment behind each value says where it comes from.</param>
    public string ToYaml(bool withOrigins = false)
    {
        ConfigurationSection tree = Tree;
        foreach (var (key, leaf) in Tree.Leaves())
        {
            bool isOurs = key.StartsWith(DetectionDefaults.CompatibilitySection + ".", StringComparison.Ordinal);
            if (isOurs && IsDefault(key))
                tree = tree.WithoutKey(key);
        }

        return YamlWriter.Write(tree, withOrigins);
    }

    /// <summary>Whether a key has its default value.</summary>
    /// <param name="key">The full key.</param>
    public bool IsDefault(string key) =>
        AreSame(Tree.Leaf(key).Value, DetectionDefaults.Tree.Leaf(key).Value);

    // Inner tuples come back from a file as lists (E-13).
    private static bool AreSame(object? a, object? b) => (a, b) switch
    {
        (Sequence left, Sequence right) => left.Items.Length == right.Items.Length
            && left.Items.Zip(right.Items).All(pair => AreSame(pair.First, pair.Second)),
        _ => Equals(a, b),
    };

    // One at a time: each value is typed by the one it replaces, which may be of an earlier pair (E-12).
    private static void LayPair(StrictMerge merge, string[] pair)
    {
        try
        {
            merge.Lay(Overrides.Apply(ConfigurationSection.Empty, pair));
        }
        catch (ConfigurationException e)
        {
            merge.Problems.AddRange(e.Problems);
        }
    }
}
