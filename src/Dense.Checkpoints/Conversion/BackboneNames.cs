namespace Dense.Checkpoints.Conversion;

/// <summary>
/// The renaming table between the two layouts of ResNet weights: torchvision's, which pre-training uses, and
/// detectron2's, which detection uses (P-58, P-144, E-75).
/// </summary>
/// <remarks><c>layer1.0.bn3.bias</c> is <c>res2.0.conv3.norm.bias</c>; <c>bn1.weight</c> is
/// <c>stem.conv1.norm.weight</c>.</remarks>
public static class BackboneNames
{
    private const string Stem = "stem.";

    // In this order, either way: "shortcut.norm" must be seen before "shortcut".
    private static readonly (string Torchvision, string Detectron2)[] Parts =
    [
        ("layer1", "res2"),
        ("layer2", "res3"),
        ("layer3", "res4"),
        ("layer4", "res5"),
        ("bn1", "conv1.norm"),
        ("bn2", "conv2.norm"),
        ("bn3", "conv3.norm"),
        ("downsample.1", "shortcut.norm"),
        ("downsample.0", "shortcut"),
    ];

    /// <summary>
    /// Renames a torchvision name. The classifier goes to the stem as well (P-145), where detectors ignore it.
    /// </summary>
    public static string ToDetectron2(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        string result = name.Contains("layer", StringComparison.Ordinal) ? name : Stem + name;
        foreach (var (torchvision, detectron2) in Parts)
            result = result.Replace(torchvision, detectron2, StringComparison.Ordinal);

        return result;
    }

    /// <summary>Renames a detectron2 name.</summary>
    public static string ToTorchvision(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        string result = name.StartsWith(Stem, StringComparison.Ordinal) ? name[Stem.Length..] : name;
        foreach (var (torchvision, detectron2) in Parts)
            result = result.Replace(detectron2, torchvision, StringComparison.Ordinal);

        return result;
    }
}
