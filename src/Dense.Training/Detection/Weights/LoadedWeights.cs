using Dense.Checkpoints.Conversion;

namespace Dense.Training.Detection.Weights;

/// <summary>What became of a weight file, for the log.</summary>
/// <param name="Summary">One line: <c>R-50.pkl: loaded 265 of 265 backbone tensors, …</c></param>
/// <param name="Report">Every name; its text is part of the log (E-63, R16).</param>
/// <param name="MatchTable">Which name of the file became which of the model, a line each; empty when names were taken
/// as they are (E-58).</param>
/// <param name="Notes">What is worth knowing: the file's author, what was renamed.</param>
/// <param name="Warnings">What did not fit: shapes, statistics, contradictions to the configuration.</param>
public sealed record LoadedWeights(
    string Summary,
    LoadReport Report,
    string MatchTable,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Warnings);
