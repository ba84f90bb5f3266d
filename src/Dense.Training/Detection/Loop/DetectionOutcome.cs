namespace Dense.Training.Detection.Loop;

/// <summary>How a detection run ended, when it ended without an error.</summary>
public enum DetectionOutcome
{
    /// <summary>All is done.</summary>
    Done,

    /// <summary>It was asked to stop, and saved a checkpoint.</summary>
    Interrupted,

    /// <summary>All is done, but a result is not as TEST.EXPECTED_RESULTS says (E-32).</summary>
    UnexpectedResults,
}
