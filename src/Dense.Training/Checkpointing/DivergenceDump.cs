using Dense.Checkpoints;
using Dense.Torch;
using Dense.Training.Data.Loading;

namespace Dense.Training.Checkpointing;

/// <summary>What is needed to replay a step that diverged: the state and the batch, in one file (R11).</summary>
internal static class DivergenceDump
{
    /// <summary>Writes <c>diverged_iter_N.pth</c>, which <c>latest.pth</c> never names.</summary>
    /// <param name="folder">The run's folder; created when absent.</param>
    /// <param name="state">The weights before the update. Queues and running statistics already hold this
    /// batch.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>The file.</returns>
    public static string Write(string folder, TrainingState state, Batch batch)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"diverged_iter_{state.Progress.Iterations + 1}.pth");
        CheckpointMap map = state.ToMap();
        var content = new CheckpointMap
        {
            { "images", batch.Images.ToRecord() },
            { "names", batch.Names().Cast<object?>().ToList() },
        };
        if (batch.Labels is { } labels)
            content.Add("labels", labels.ToRecord());

        map.Add("batch", content);
        TorchFile.Write(path, map);
        return path;
    }
}
