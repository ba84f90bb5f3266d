namespace Dense.Cli.Quickstart;

/// <summary>A detector of the quickstart: a column of its table.</summary>
/// <param name="Title">For people.</param>
/// <param name="Name">For files.</param>
/// <param name="Figure">What is measured.</param>
/// <param name="Metric">Its name in <c>metrics.json</c>.</param>
internal sealed record QuickstartDetector(string Title, string Name, string Figure, string Metric)
{
    /// <summary>FCOS and SOLOv2.</summary>
    public static IReadOnlyList<QuickstartDetector> All { get; } =
    [
        new("FCOS", "fcos", "FCOS box AP", "bbox/AP"),
        new("SOLOv2", "solov2", "SOLOv2 mask AP", "segm/AP"),
    ];
}
