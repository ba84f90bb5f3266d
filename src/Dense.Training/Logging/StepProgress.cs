namespace Dense.Training.Logging;

/// <summary>How far training has come, told after each step.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Epochs of the whole training.</param>
/// <param name="Iteration">The iteration within the epoch, from 1.</param>
/// <param name="IterationsPerEpoch">Iterations of one epoch.</param>
/// <param name="Remaining">Expected time to the end of training; null while unknown.</param>
public readonly record struct StepProgress(
    int Epoch, int Epochs, int Iteration, int IterationsPerEpoch, TimeSpan? Remaining);
