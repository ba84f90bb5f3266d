namespace Dense.Cli.Quickstart;

/// <summary>What a detector's backbone starts from: a line of the quickstart's table.</summary>
/// <param name="Title">For people.</param>
/// <param name="Name">For files.</param>
/// <param name="PretrainingKeys">Settings that choose the pre-training method; empty for random weights.</param>
internal sealed record StartingWeights(string Title, string Name, IReadOnlyList<string> PretrainingKeys)
{
    /// <summary>Random, MoCo-v2, DenseCL.</summary>
    public static IReadOnlyList<StartingWeights> All { get; } =
    [
        new("random", "random", []),
        new("MoCo-v2", "mocov2", ["MODEL.METHOD", "MoCo", "MODEL.NECK.TYPE", "MLP"]),
        new("DenseCL", "densecl", ["MODEL.METHOD", "DenseCL"]),
    ];

    /// <summary>Those that a pre-training makes.</summary>
    public static IReadOnlyList<StartingWeights> Pretrained { get; } = [.. All.Where(w => !w.IsRandom)];

    /// <summary>Whether nothing was trained.</summary>
    public bool IsRandom => PretrainingKeys.Count == 0;

    /// <summary>The extracted backbone.</summary>
    public string BackboneFile => $"{Name}_backbone.pth";

    /// <summary>The same for detectron2.</summary>
    public string ConvertedFile => $"{Name}_backbone.pkl";
}
