namespace Dense.Training.Data.Loading;

/// <summary>A place in the sequence of all batches.</summary>
/// <param name="Epoch">From 0.</param>
/// <param name="Iteration">The batch within the epoch, from 0.</param>
public readonly record struct LoaderPosition(int Epoch, int Iteration);
