namespace Dense.Cli;

/// <summary>The <c>KEY VALUE</c> pairs at the end of a command line.</summary>
internal static class Overrides
{
    /// <summary>Refuses what is no pair. A mistyped option arrives here too; where a value belongs,
    /// anything may stand (E-20).</summary>
    /// <exception cref="UsageException">An option among them, or a key without a value.</exception>
    public static void RequirePairs(IReadOnlyList<string> arguments)
    {
        if (arguments.Where((_, i) => i % 2 == 0).FirstOrDefault(IsOption) is { } option)
            throw new UsageException($"Unknown option '{option}'. Settings are given as KEY VALUE, without dashes; see "
                + "--help for the options.");

        if (arguments.Count % 2 != 0)
        {
            throw new UsageException($"'{arguments[^1]}' has no value: settings are given in pairs, KEY VALUE. Found: "
                + string.Join(' ', arguments));
        }
    }

    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal);
}
