namespace Dense.Training.Schedules;

/// <summary>How the learning rate changes over a run.</summary>
public enum SchedulePolicy
{
    /// <summary>Not at all.</summary>
    Fixed,

    /// <summary>Along half a cosine from the base rate to the lowest (P-126).</summary>
    Cosine,

    /// <summary>By a factor at each milestone (P-125).</summary>
    Step,
}
