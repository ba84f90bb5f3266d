namespace Dense.Configuration;

/// <summary>A configuration cannot be used. Everything that is wrong with it is reported together.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Reports problems, at least one.</summary>
    public ConfigurationException(IReadOnlyList<Problem> problems)
        : base(Describe(problems)) => Problems = problems;

    /// <summary>Reports one problem.</summary>
    public ConfigurationException(Problem problem)
        : this([problem])
    {
    }

    /// <summary>The problems, in the order of the configuration.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    private static string Describe(IReadOnlyList<Problem> problems) => problems.Count == 1
        ? problems[0].ToString()
        : $"the configuration has {problems.Count} problems:\n  " + string.Join("\n  ", problems);
}
