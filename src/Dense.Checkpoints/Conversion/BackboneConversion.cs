using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Conversion;

/// <summary>
/// Converts backbones between torchvision's names (<c>.pth</c>, <c>.safetensors</c>) and detectron2's (<c>.pkl</c>),
/// from any file that <see cref="WeightFile"/> recognises (P-144, P-145, P-148).
/// </summary>
public static class BackboneConversion
{
    /// <summary>Extensions that can be written.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".pkl", ".pth", ".safetensors"];

    /// <summary>
    /// The entries of a <c>.pkl</c>: detectron2's names, classifier included, as the reference writes them.
    /// </summary>
    /// <param name="file">Any file that holds a backbone.</param>
    /// <param name="counters">With <c>num_batches_tracked</c>.</param>
    /// <exception cref="CheckpointFormatException">No backbone, or a type that NumPy lacks.</exception>
    public static IReadOnlyList<Entry> ToDetectron2(WeightFile file, bool counters = true)
    {
        ArgumentNullException.ThrowIfNull(file);

        file.RequireBackbone();
        Entry[] entries =
        [
            .. Entries(file, counters, classifier: true)
                .Select(e => new Entry(BackboneNames.ToDetectron2(e.Key), e.Value)),
        ];
        RequireNumpyTypes(file.File, entries);
        if (entries.GroupBy(e => e.Key).FirstOrDefault(g => g.Count() > 1) is { Key: { } doubled })
            throw new CheckpointFormatException(file.File.Name, $"two entries would be renamed to '{doubled}'.");

        return entries;
    }

    /// <summary>
    /// The entries of a <c>.pth</c> or <c>.safetensors</c>: torchvision's names; MoCo's projection is left out (P-47).
    /// </summary>
    /// <inheritdoc cref="ToDetectron2" path="/param"/>
    /// <exception cref="CheckpointFormatException">No backbone.</exception>
    public static IReadOnlyList<Entry> ToTorchvision(WeightFile file, bool counters = true)
    {
        ArgumentNullException.ThrowIfNull(file);

        file.RequireBackbone();
        return [.. Entries(file, counters, classifier: file.Kind != WeightFileKind.MocoTraining)];
    }

    /// <summary>The <c>__author__</c> that the reference's converters write.</summary>
    public static string Detectron2Author(WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Kind switch
        {
            WeightFileKind.MocoTraining => "MOCO",
            WeightFileKind.Torchvision => "torchvision",
            WeightFileKind.Detectron2Backbone => file.Author ?? "OpenSelfSup",
            _ => file.Author is "MOCO" or "torchvision" ? file.Author : "OpenSelfSup",
        };
    }

    /// <summary>Writes the converted file in the format that the extension names.</summary>
    /// <param name="file">Any file that holds a backbone.</param>
    /// <param name="path">Ends in <c>.pkl</c>, <c>.pth</c> or <c>.safetensors</c>.</param>
    /// <param name="counters">With <c>num_batches_tracked</c>.</param>
    /// <returns>How many entries were written.</returns>
    /// <exception cref="CheckpointFormatException">No backbone, or a type that the format lacks.</exception>
    /// <exception cref="ArgumentException">Another extension.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static int Write(WeightFile file, string path, bool counters = true)
    {
        IReadOnlyList<Entry> entries;
        switch (Path.GetExtension(path))
        {
            case ".pkl":
                entries = ToDetectron2(file, counters);
                Detectron2File.Write(path, entries, Detectron2Author(file));
                break;
            case ".pth":
                entries = ToTorchvision(file, counters);
                TorchFile.Write(path, BackboneExtraction.Wrap(entries, BackboneExtraction.ExtractedAuthor(file)));
                break;
            case ".safetensors":
                entries = ToTorchvision(file, counters);
                SafetensorsFile.Write(path, entries, MetadataOf(file).ToTexts());
                break;
            default:
                throw new ArgumentException(
                    $"{path}: the name should end in {string.Join(", ", Extensions)}.", nameof(path));
        }

        return entries.Count;
    }

    internal static void RequireNumpyTypes(CheckpointFile file, Entry[] entries)
    {
        if (entries.FirstOrDefault(e => e.Value.ElementType == ElementType.BFloat16) is { Key: { } name })
        {
            throw new CheckpointFormatException(file.Name, $"'{name}' is of type bfloat16, which NumPy and so " +
                ".pkl files lack. Convert to .pth or .safetensors instead.");
        }
    }

    private static BackboneMetadata MetadataOf(WeightFile file) =>
        BackboneMetadata.Of(file.File) ?? new BackboneMetadata { Depth = file.Depth };

    private static IEnumerable<Entry> Entries(WeightFile file, bool counters, bool classifier) =>
        file.Backbone.Concat(classifier ? file.Classifier : []).Where(e => counters || !ResNetLayout.IsCounter(e.Key));
}
