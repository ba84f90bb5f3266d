namespace Dense.Training.Loop;

/// <summary>
/// A loss or gradient is not finite. It was found before the update, so the weights are those of the step before (R11).
/// </summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
