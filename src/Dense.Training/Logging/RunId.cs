using System.Globalization;

namespace Dense.Training.Logging;

/// <summary>
/// Names one run of the program: the local time of its start, as <c>yyyymmdd_HHMMSS</c>. All logs of the run carry it
/// (P-236); a resumed training has a new one.
/// </summary>
/// <param name="Value">The text.</param>
public readonly record struct RunId(string Value)
{
    /// <summary>The name of a run that starts now and writes to <paramref name="folder"/>.</summary>
    /// <remarks>When the folder already has logs of the same second, <c>_2</c>, <c>_3</c>, … is appended.</remarks>
    public static RunId Create(string folder, TimeProvider clock)
    {
        string time = clock.GetLocalNow().ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);
        string value = time;
        for (int n = 2; File.Exists(Path.Combine(folder, $"{value}.log")); n++)
            value = $"{time}_{n}";

        return new RunId(value);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
