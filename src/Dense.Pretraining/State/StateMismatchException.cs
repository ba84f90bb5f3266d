namespace Dense.Pretraining.State;

/// <summary>Weights do not fit the model that they were to be loaded into. The message says what to do.</summary>
public sealed class StateMismatchException(string message) : Exception(message);
