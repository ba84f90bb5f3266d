namespace Dense.Training.Loop;

/// <summary>How far a training has come.</summary>
/// <param name="Iterations">Completed steps of the whole training, earlier runs included.</param>
/// <param name="IterationsPerEpoch">Steps of one epoch.</param>
public readonly record struct TrainingProgress(long Iterations, int IterationsPerEpoch)
{
    /// <summary>Completed epochs.</summary>
    public int Epochs => (int)(Iterations / IterationsPerEpoch);

    /// <summary>Completed steps of the epoch that is under way; 0 between two epochs.</summary>
    public int IterationsInEpoch => (int)(Iterations % IterationsPerEpoch);

    /// <summary>Whether the last step ended an epoch.</summary>
    public bool IsEpochEnd => Iterations > 0 && IterationsInEpoch == 0;
}
