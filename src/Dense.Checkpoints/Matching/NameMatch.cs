namespace Dense.Checkpoints.Matching;

/// <summary>A tensor of a file and the tensor of the model that it becomes.</summary>
/// <param name="FileName">Its name in the file.</param>
/// <param name="ModelName">Its name in the model.</param>
public sealed record NameMatch(string FileName, string ModelName);
