using System.Globalization;

namespace Dense.Distributed.Liveness;

/// <summary>How long a rank waits for others before it gives up (E-148, E-152).</summary>
public sealed record RankLimits
{
    /// <summary>The environment variable for <see cref="Collective"/>, in seconds.</summary>
    public const string CollectiveVariable = "DENSECL_COLLECTIVE_TIMEOUT";

    /// <summary>The environment variable for <see cref="Silence"/>, in seconds.</summary>
    public const string SilenceVariable = "DENSECL_SILENCE_TIMEOUT";

    /// <summary>For an operation that others have not come to while they live. Does not count while they wait for work
    /// of the first rank, such as a checkpoint.</summary>
    public TimeSpan Collective { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>For a sign of life: of a rank of the same machine, which gives four a second, or of another machine,
    /// which gives one.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The limits that the environment sets.</summary>
    /// <exception cref="LaunchException">A variable is not a positive number.</exception>
    public static RankLimits FromEnvironment()
    {
        var limits = new RankLimits();
        return limits with
        {
            Collective = Read(CollectiveVariable) ?? limits.Collective,
            Silence = Read(SilenceVariable) ?? limits.Silence,
        };
    }

    private static TimeSpan? Read(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
            return null;

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            && seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : throw new LaunchException(
                $"The environment variable {variable} is {text}; expected seconds, such as 600. Correct or unset it.");
    }
}
