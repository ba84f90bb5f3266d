namespace Dense.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">The full key, such as <c>SOLVER.BASE_LR</c>; empty when a whole file is concerned.</param>
/// <param name="Origin">Where the offending value stands.</param>
/// <param name="Message">What is wrong, what was expected and what to do.</param>
public sealed record Problem(string Key, Origin Origin, string Message)
{
    /// <summary>The problem in one line: origin, key, message.</summary>
    public override string ToString() => Key.Length == 0 ? $"{Origin}: {Message}" : $"{Origin}: {Key}: {Message}";
}
