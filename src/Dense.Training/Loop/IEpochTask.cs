using Dense.Pretraining;
using Dense.Training.Logging;

namespace Dense.Training.Loop;

/// <summary>Something that is measured between two epochs: a probe of the features, an evaluation.</summary>
public interface IEpochTask
{
    /// <summary>Whether it is due after so many completed epochs.</summary>
    bool IsDue(int epochs);

    /// <summary>Measures, and leaves the method in training mode, its weights and statistics unchanged.</summary>
    IReadOnlyList<LogFigure> Measure(PretrainingMethod method);
}
