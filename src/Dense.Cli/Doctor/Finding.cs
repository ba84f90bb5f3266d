namespace Dense.Cli.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum FindingStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but something is slower or missing that some need.</summary>
    Warn,

    /// <summary>Something that densecl cannot do without is broken.</summary>
    Fail,
}

/// <summary>One line of the doctor's report.</summary>
/// <param name="Status">How bad it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Text">What was found, in plain words.</param>
/// <param name="Remedy">What to do; null when nothing is to be done.</param>
internal sealed record Finding(FindingStatus Status, string Subject, string Text, string? Remedy = null)
{
    public static Finding Ok(string subject, string text) => new(FindingStatus.Ok, subject, text);

    public static Finding Warn(string subject, string text, string remedy) =>
        new(FindingStatus.Warn, subject, text, remedy);

    public static Finding Fail(string subject, string text, string remedy) =>
        new(FindingStatus.Fail, subject, text, remedy);
}
