namespace Dense.Training.Settings;

/// <summary>The classifier of the supervised method.</summary>
public enum HeadKind
{
    /// <summary>One linear layer on the pooled last stage (P-48).</summary>
    Linear,

    /// <summary>One linear layer on each of the five levels (P-154).</summary>
    MultiLevel,
}
