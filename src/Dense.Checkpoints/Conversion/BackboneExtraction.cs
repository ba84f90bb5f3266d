using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Conversion;

/// <summary>Takes the useful part out of a training checkpoint (P-143).</summary>
public static class BackboneExtraction
{
    /// <summary>Builds the content of the extracted file: {<c>state_dict</c>, <c>author</c>}.</summary>
    /// <param name="file">Any file that holds a backbone.</param>
    /// <param name="part">What to take.</param>
    /// <exception cref="CheckpointFormatException">The file lacks the part.</exception>
    public static CheckpointMap Extract(WeightFile file, BackbonePart part = BackbonePart.Backbone)
    {
        ArgumentNullException.ThrowIfNull(file);

        file.RequireBackbone();
        if (part != BackbonePart.Backbone && file.Neck.Count == 0)
        {
            throw new CheckpointFormatException(
                file.File.Name, $"no projection head found. The file is: {file.Description}; " +
                "only training checkpoints hold one. Extract the backbone alone: --part backbone");
        }

        IEnumerable<Entry> entries = part switch
        {
            BackbonePart.Backbone => file.Backbone,
            BackbonePart.Neck => file.Neck,
            _ => file.Backbone.Select(e => new Entry("backbone." + e.Key, e.Value))
                .Concat(file.Neck.Select(e => new Entry("neck." + e.Key, e.Value))),
        };
        return Wrap(entries, ExtractedAuthor(file));
    }

    internal static CheckpointMap Wrap(IEnumerable<Entry> entries, string author)
    {
        var state = new CheckpointMap { IsOrderedDict = true };
        foreach (var (name, tensor) in entries)
            state.Add(name, tensor);

        return new CheckpointMap { ["state_dict"] = state, ["author"] = author };
    }

    internal static string ExtractedAuthor(WeightFile file) => file.Kind switch
    {
        WeightFileKind.ContrastiveTraining or WeightFileKind.SupervisedTraining => "DenseCL",
        WeightFileKind.MocoTraining => "MOCO",
        WeightFileKind.MmselfsupTraining => "mmselfsup",
        WeightFileKind.Torchvision => "torchvision",
        _ => file.Author ?? "unknown",
    };
}
