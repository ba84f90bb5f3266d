using System.Globalization;
using Dense.Training.Detection.Logging;
using Dense.Training.Logging;

namespace Dense.Training.Detection.Loop;

/// <summary>How long a run's steps took, and what happened beside them (E-35).</summary>
/// <param name="uncounted">First steps that the speed leaves out.</param>
internal sealed class StepTimes(int uncounted)
{
    private TimeSpan _counted, _hooks;

    /// <summary>Steps of this run.</summary>
    public int Steps { get; private set; }

    /// <summary>Takes in a step.</summary>
    public void Add(double seconds)
    {
        Steps++;
        if (Steps > uncounted)
            _counted += TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Takes in what happened after a step.</summary>
    public void AddHooks(TimeSpan time) => _hooks += time;

    /// <summary>Logs speed and total.</summary>
    public void Report(DetectionLog log, TimeSpan total)
    {
        int steps = Steps - uncounted;
        if (steps > 0 && _counted > TimeSpan.Zero)
        {
            log.Info(string.Create(CultureInfo.InvariantCulture,
                $"Overall training speed: {steps} iterations in {DurationText.Of(_counted)} "
                + $"({_counted.TotalSeconds / steps:F4} s / it)"), LogSource.Hooks);
        }

        if (Steps > 0)
            log.Info(
                $"Total training time: {DurationText.Of(total)} ({DurationText.Of(_hooks)} on hooks)", LogSource.Hooks);
    }
}
