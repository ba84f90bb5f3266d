using Dense.Checkpoints;

namespace Dense.Training.Checkpointing;

/// <summary>What is needed to replay a step that diverged: the state and the batch, in one file (R11).</summary>
internal static class DivergenceDump
{
    /// <summary>Writes <c>diverged_iter_N.pth</c>, which nothing resumes from.</summary>
    /// <param name="folder">The run's folder; created when absent.</param>
    /// <param name="step">N, the step that was not completed, from 1.</param>
    /// <param name="state">The checkpoint before the update. Running statistics already hold the batch. Gets the key
    /// <c>batch</c>.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>The file.</returns>
    public static string Write(string folder, long step, CheckpointMap state, CheckpointMap batch)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"diverged_iter_{step}.pth");
        state.Add("batch", batch);
        TorchFile.Write(path, state);
        return path;
    }
}
