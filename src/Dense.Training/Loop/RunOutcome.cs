namespace Dense.Training.Loop;

/// <summary>How a run ended, when it ended without an error.</summary>
public enum RunOutcome
{
    /// <summary>All epochs are done.</summary>
    Finished,

    /// <summary>It was asked to stop, and saved a checkpoint.</summary>
    Interrupted,
}
