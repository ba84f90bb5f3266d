namespace Dense.Checkpoints.Matching;

/// <summary>Renames tensors of Caffe2 and Detectron-1 files to detectron2's names (E-60, M-133).</summary>
public static class Caffe2Names
{
    // At the end of a name; the first that fits is replaced.
    private static readonly (string Old, string New)[] Endings =
    [
        (".b", ".bias"),
        (".w", ".weight"),
    ];

    private static readonly (string Old, string New)[] NormEndings =
    [
        ("bn.s", "norm.weight"), ("bn.bias", "norm.bias"),
        ("bn.rm", "norm.running_mean"), ("bn.running.mean", "norm.running_mean"),
        ("bn.riv", "norm.running_var"), ("bn.running.var", "norm.running_var"),
        ("bn.gamma", "norm.weight"), ("bn.beta", "norm.bias"),
        ("gn.s", "norm.weight"), ("gn.bias", "norm.bias"),
    ];

    private static readonly (string Old, string New)[] Branches =
    [
        (".branch1.", ".shortcut."), (".branch2a.", ".conv1."), (".branch2b.", ".conv2."), (".branch2c.", ".conv3."),
    ];

    /// <summary>The name in detectron2: <c>res2_0_branch2a_bn_s</c> → <c>res2.0.conv1.norm.weight</c>.</summary>
    public static string ToDetectron2(string name)
    {
        // Whole names of a classifier; afterwards they fit nothing.
        if (name is "pred_b" or "pred_w")
            name = "linear" + name[4..];

        name = name.Replace('_', '.');
        name = WithEnding(WithEnding(name, Endings), NormEndings);
        name = WithBeginning(name, "res.conv1.norm.", "conv1.norm.");
        name = WithBeginning(name, "conv1.", "stem.conv1.");
        foreach (var (old, @new) in Branches)
            name = name.Replace(old, @new, StringComparison.Ordinal);

        return Pyramid(name);
    }

    // fpn.inner.res5.2.sum.lateral.weight → fpn_lateral5.weight; fpn.res5.2.sum.weight → fpn_output5.weight.
    private static string Pyramid(string name)
    {
        string[] parts = name.Split('.');
        bool isInner = parts is ["fpn", "inner", ..];
        int stage = isInner ? 2 : 1;
        if (parts[0] != "fpn" || parts.Length <= stage + 1 || parts[stage] is not ['r', 'e', 's', >= '2' and <= '5'])
            return name;

        int kept = parts[^2] == "norm" ? 2 : 1;
        return $"fpn_{(isInner ? "lateral" : "output")}{parts[stage][3]}.{string.Join('.', parts[^kept..])}";
    }

    private static string WithEnding(string name, (string Old, string New)[] endings)
    {
        foreach (var (old, @new) in endings)
        {
            if (name.EndsWith(old, StringComparison.Ordinal))
                return name[..^old.Length] + @new;
        }

        return name;
    }

    private static string WithBeginning(string name, string old, string @new) =>
        name.StartsWith(old, StringComparison.Ordinal) ? @new + name[old.Length..] : name;
}
