namespace Dense.Configuration;

/// <summary>The <c>KEY VALUE KEY VALUE …</c> pairs of a command line (E-12).</summary>
public static class Overrides
{
    /// <summary>Applies the pairs from left to right.</summary>
    /// <param name="configuration">What the files say.</param>
    /// <param name="pairs">Keys at even places, values at odd places.</param>
    /// <exception cref="ConfigurationException">A key has no value or is no key.</exception>
    public static ConfigurationSection Apply(ConfigurationSection configuration, IReadOnlyList<string> pairs)
    {
        var problems = new List<Problem>(OddCount(pairs));
        for (int i = 0; i + 1 < pairs.Count; i += 2)
        {
            string key = pairs[i];
            if (Complaint(key) is { } complaint)
            {
                problems.Add(new(key, Origin.CommandLine, complaint));
                continue;
            }

            // The value stays text here; whoever reads the key decodes it as a Python literal, like text in files.
            try
            {
                configuration = configuration.With(key, new ConfigurationLeaf(pairs[i + 1], Origin.CommandLine));
            }
            catch (ConfigurationException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        return problems.Count == 0 ? configuration : throw new ConfigurationException(problems);
    }

    /// <summary>What is wrong when the last key has no value; else nothing.</summary>
    internal static IEnumerable<Problem> OddCount(IReadOnlyList<string> pairs) => pairs.Count % 2 == 0
        ? []
        : [new("", Origin.CommandLine,
            $"expected KEY VALUE pairs, found {pairs.Count} words: {string.Join(' ', pairs)}")];

    private static string? Complaint(string key) => key switch
    {
        ConfigurationFile.BaseKey => "files to inherit from are named in files only.",
        ['-', '-', ..] => "not an option of this command, and not a key. See --help.",
        _ when key.Split('.').Any(name => name.Length == 0) => "not a key; expected NAMES.WITH.DOTS.",
        _ when key.Count(c => c == '.') > 20 => "not a key: too many parts.",
        _ => null,
    };
}
