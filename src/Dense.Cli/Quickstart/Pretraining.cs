namespace Dense.Cli.Quickstart;

/// <summary>The commands that make weights: pre-training, extraction, conversion.</summary>
/// <param name="folder">Where everything lies.</param>
/// <param name="options">How large it is.</param>
internal sealed class Pretraining(QuickstartFolder folder, QuickstartOptions options)
{
    /// <summary>Pre-trains a backbone.</summary>
    public ProgramRun Train(StartingWeights weights) => new(weights.Title, folder[$"{weights.Name}.txt"],
    [
        "pretrain", "--config-file", folder["pretrain.yaml"], "--fresh", .. weights.PretrainingKeys,
        "DATA.ROOT", Path.Combine(folder.Scenes, "unlabelled"), "SOLVER.EPOCHS", $"{options.Epochs}",
        "SEED", $"{options.Seed}", "OUTPUT_DIR", folder[weights.Name],
    ]);

    /// <summary>Takes the backbone out of the last checkpoint.</summary>
    public ProgramRun Extract(StartingWeights weights) => new(
        $"the {weights.Title} backbone", folder[$"{weights.Name}_extract.txt"],
        ["extract", Path.Combine(folder[weights.Name], "latest.pth"), folder[weights.BackboneFile]]);

    /// <summary>Gives it detectron2's names and file format.</summary>
    public ProgramRun Convert(StartingWeights weights) => new(
        $"{weights.Title} for detectron2", folder[$"{weights.Name}_convert.txt"],
        ["convert", folder[weights.BackboneFile], folder[weights.ConvertedFile]]);
}
