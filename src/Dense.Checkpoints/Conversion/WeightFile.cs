namespace Dense.Checkpoints.Conversion;

/// <summary>
/// A weight file that was recognised: what it is, and the parts that it holds under plain names (P-45..P-47, P-145,
/// P-152).
/// </summary>
public sealed class WeightFile
{
    internal WeightFile(CheckpointFile file, WeightFileKind kind)
    {
        File = file;
        Kind = kind;
    }

    /// <summary>The file.</summary>
    public CheckpointFile File { get; }

    /// <summary>What it is.</summary>
    public WeightFileKind Kind { get; }

    /// <summary>
    /// The prefix under which the backbone stands, such as <c>encoder_q.0.</c>; empty when the names are bare.
    /// </summary>
    public string Prefix { get; internal init; } = "";

    /// <summary>The backbone in torchvision's names, without classifier; empty when there is none.</summary>
    public IReadOnlyList<KeyValuePair<string, TensorRecord>> Backbone { get; internal init; } = [];

    /// <summary>
    /// What stands beside the backbone in a whole torchvision network: a classifier or MoCo's projection, <c>fc…</c>.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, TensorRecord>> Classifier { get; internal init; } = [];

    /// <summary>
    /// The projection head of the query encoder, such as <c>mlp.0.weight</c>; empty when there is none.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, TensorRecord>> Neck { get; internal init; } = [];

    /// <summary>Who the file says wrote it; null when it does not say.</summary>
    public string? Author { get; internal init; }

    /// <summary>What a person should know, such as two copies of the backbone that differ.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>Depth of the ResNet; null when the backbone is no complete one.</summary>
    public int? Depth => ResNetLayout.DepthOf(Backbone.Select(t => t.Key));

    /// <summary>Names that the file holds in place of a backbone, for messages.</summary>
    internal IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>
    /// Recognises a file by its entries. Never fails: what is not known is <see cref="WeightFileKind.Unknown"/>.
    /// </summary>
    public static WeightFile Recognize(CheckpointFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return WeightFileRecognizer.Recognize(file);
    }

    /// <summary>The kind in words.</summary>
    public string Description
    {
        get
        {
            string network = Depth is { } depth ? $"ResNet-{depth}" : "an incomplete ResNet";
            return Kind switch
            {
                WeightFileKind.ContrastiveTraining => $"DenseCL or MoCo training checkpoint, {network}",
                WeightFileKind.MmselfsupTraining => $"mmselfsup 1.x training checkpoint, {network}",
                WeightFileKind.MocoTraining => $"facebookresearch/moco training checkpoint, {network}",
                WeightFileKind.SupervisedTraining => $"supervised training checkpoint, {network}",
                WeightFileKind.ExtractedBackbone => $"extracted backbone, {network}",
                WeightFileKind.Torchvision =>
                    $"torchvision weights, {network}{(Classifier.Count > 0 ? " with its classifier" : "")}",
                WeightFileKind.Detectron2Backbone => $"backbone for detectron2, {network}",
                WeightFileKind.Detector => $"detector checkpoint, backbone {network}",
                _ => "not a file that is known here",
            };
        }
    }

    /// <summary>Insists on a backbone.</summary>
    /// <exception cref="CheckpointFormatException">There is none; the message says what the file holds.</exception>
    public void RequireBackbone()
    {
        if (Backbone.Count > 0)
            return;

        string holds = File.Root is CheckpointMap root
            ? string.Join(", ", root.Keys.Take(5).Select(k => $"'{CheckpointValue.Shorten(k.ToString()!)}'"))
            : CheckpointValue.Describe(File.Root);
        string examples = Names.Count == 0
            ? ""
            : $" Its {Names.Count} tensors have names like '{CheckpointValue.Shorten(Names[0])}'.";
        throw new CheckpointFormatException(File.Name, $"no backbone found. The file holds {holds}.{examples} " +
            "Expected are names like 'layer1.0.conv1.weight', alone or behind 'encoder_q.0.', 'backbone.' or " +
            "'module.encoder_q.', or detectron2's like 'res2.0.conv1.weight'. " +
            $"See what is in it: densecl inspect {File.Name}");
    }
}
