using System.Text.RegularExpressions;
using Dense.Configuration;

namespace Dense.Training.Settings;

/// <summary>An optimiser setting for the parameters whose names match (P-113).</summary>
/// <param name="Pattern">A regular expression, searched anywhere in the name.</param>
/// <param name="Option">What is set.</param>
/// <param name="Value">To which value.</param>
public sealed record ParameterRule(string Pattern, ParameterOption Option, double Value)
{
    // A name is short: an expression that needs longer runs away.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Whether the rule concerns a parameter.</summary>
    /// <exception cref="ConfigurationException">The expression does not come to an end.</exception>
    public bool Matches(string parameterName)
    {
        try
        {
            return Regex.IsMatch(parameterName, Pattern, RegexOptions.CultureInvariant, Timeout);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ConfigurationException(new Problem("SOLVER.PARAMWISE", Origin.Default,
                $"'{Pattern}' took more than {Timeout.TotalSeconds} s on the name '{parameterName}'. Simplify it."));
        }
    }

    /// <summary>Why a text is no expression; null when it is one.</summary>
    internal static string? Complaint(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, Timeout);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
