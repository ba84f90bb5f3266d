namespace Dense.Checkpoints.Conversion;

/// <summary>Checks a backbone against its architecture: every name, every shape, finite values (P-148).</summary>
/// <param name="Depth">Depth of the ResNet that it was compared with.</param>
/// <param name="Report">What matched.</param>
/// <param name="NonFinite">Names of tensors with a NaN or an infinity.</param>
public sealed record BackboneVerification(int Depth, LoadReport Report, IReadOnlyList<string> NonFinite)
{
    private const int DepthOfPublishedWeights = 50;
    private const int MaximumWidth = 1024;

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsGood => Report.IsComplete && Report.Unexpected.Count == 0 && NonFinite.Count == 0;

    /// <summary>Checks a backbone.</summary>
    /// <param name="backbone">In torchvision's names, without classifier. Counters may be absent.</param>
    public static BackboneVerification Check(IReadOnlyList<KeyValuePair<string, TensorRecord>> backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);

        int depth = ResNetLayout.DepthOf(backbone.Select(t => t.Key)) ?? DepthOfPublishedWeights;
        LoadReport report = LoadReport.Compare(
            ResNetLayout.Of(depth, width: WidthOf(backbone)), backbone.Select(t => TensorLayout.Of(t.Key, t.Value)),
                ResNetLayout.IsCounter);
        return new(depth, report, [.. backbone.Where(t => !FiniteValues.AreFinite(t.Value)).Select(t => t.Key)]);
    }

    // A network that is thinner or wider throughout is a whole one; the stem says which.
    private static int WidthOf(IReadOnlyList<KeyValuePair<string, TensorRecord>> backbone)
    {
        IReadOnlyList<long>? stem = backbone.FirstOrDefault(t => t.Key == "conv1.weight").Value?.Shape;
        return stem is { Count: 4 } && stem[0] is > 0 and <= MaximumWidth ? (int)stem[0] : ResNetLayout.PublishedWidth;
    }

    /// <summary>The outcome in words.</summary>
    public string ToText()
    {
        string text = $"ResNet-{Depth}, {Report.ToText()}";
        return NonFinite.Count == 0 ? text : $"{text}\nnot finite:\n{string.Join('\n', LoadReport.Group(NonFinite))}";
    }
}
