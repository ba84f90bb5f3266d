using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Conversion;

/// <summary>Finds the parts of a weight file behind the prefixes that known programs write.</summary>
internal static class WeightFileRecognizer
{
    private const string Wrapper = "module.";
    private const string TorchvisionMark = "layer1.0.conv1.weight";
    private const string Detectron2Mark = "res2.0.conv1.weight";
    private const string ClassifierPrefix = "fc.";

    // In order of preference: the query encoder wins over its alias (P-13).
    private static readonly (string Prefix, WeightFileKind Kind)[] Prefixes =
    [
        ("encoder_q.0.", WeightFileKind.ContrastiveTraining),
        ("encoder_q.", WeightFileKind.MocoTraining),
        ("backbone.", WeightFileKind.SupervisedTraining),
        ("", WeightFileKind.Torchvision),
    ];

    private static readonly (string Prefix, WeightFileKind Kind)[] Detectron2Prefixes =
    [
        ("backbone.bottom_up.", WeightFileKind.Detector),
        ("", WeightFileKind.Detectron2Backbone),
    ];

    public static WeightFile Recognize(CheckpointFile file)
    {
        if (file.Root is not CheckpointMap root)
            return new WeightFile(file, WeightFileKind.Unknown);

        CheckpointMap state = StateOf(root);
        Entry[] entries = [.. StripWrapper([.. state.Tensors])];
        var names = entries.Select(e => e.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (prefix, kind) in Prefixes)
        {
            if (names.Contains(prefix + TorchvisionMark))
                return Torchvision(file, root, entries, prefix, Refine(kind, root, state, names));
        }

        foreach (var (prefix, kind) in Detectron2Prefixes)
        {
            if (names.Contains(prefix + Detectron2Mark))
                return Detectron2(file, root, entries, prefix, kind);
        }

        return new WeightFile(file, WeightFileKind.Unknown) { Author = AuthorOf(root), Names = [.. names] };
    }

    /// <summary>The map that the model is in, or all there is.</summary>
    public static CheckpointMap StateOf(CheckpointMap root)
    {
        foreach (string key in (string[])["state_dict", "model"])
        {
            if (root.TryGet(key, out CheckpointMap? state))
                return state;
        }

        return root;
    }

    // Distributed training wraps the whole model (E-61).
    private static IEnumerable<Entry> StripWrapper(Entry[] entries) =>
        entries.Length > 0 && entries.All(e => e.Key.StartsWith(Wrapper, StringComparison.Ordinal))
            ? entries.Select(e => new Entry(e.Key[Wrapper.Length..], e.Value))
            : entries;

    private static WeightFileKind Refine(
        WeightFileKind kind, CheckpointMap root, CheckpointMap state, HashSet<string> names) => kind switch
        {
            WeightFileKind.SupervisedTraining
                when names.Any(n => n.StartsWith("encoder_k.module.", StringComparison.Ordinal)) =>
                WeightFileKind.MmselfsupTraining,
            WeightFileKind.Torchvision when !ReferenceEquals(root, state) => WeightFileKind.ExtractedBackbone,
            _ => kind,
        };

    private static WeightFile Torchvision(
        CheckpointFile file, CheckpointMap root, Entry[] entries, string prefix, WeightFileKind kind)
    {
        Entry[] network = [.. Under(entries, prefix)];
        string neck = kind == WeightFileKind.ContrastiveTraining ? "encoder_q.1." : "neck.";
        return new WeightFile(file, kind)
        {
            Prefix = prefix,
            Backbone = [.. network.Where(IsBackbone)],
            Classifier = [.. network.Where(e => e.Key.StartsWith(ClassifierPrefix, StringComparison.Ordinal))],
            Neck = kind == WeightFileKind.MocoTraining
                ? [.. network.Where(e => e.Key.StartsWith(ClassifierPrefix, StringComparison.Ordinal))]
                : [.. Under(entries, neck)],
            Author = AuthorOf(root),
            Warnings = CompareAlias(entries, prefix),
            Names = [.. entries.Select(e => e.Key)],
        };
    }

    private static WeightFile Detectron2(
        CheckpointFile file, CheckpointMap root, Entry[] entries, string prefix, WeightFileKind kind)
    {
        Entry[] network =
            [.. Under(entries, prefix).Select(e => new Entry(BackboneNames.ToTorchvision(e.Key), e.Value))];
        return new WeightFile(file, kind)
        {
            Prefix = prefix,
            Backbone = [.. network.Where(IsBackbone)],
            Classifier = [.. network.Where(e => e.Key.StartsWith(ClassifierPrefix, StringComparison.Ordinal))],
            Author = AuthorOf(root),
            Names = [.. entries.Select(e => e.Key)],
        };
    }

    private static bool IsBackbone(Entry entry) =>
        entry.Key.StartsWith("conv1.", StringComparison.Ordinal) ||
            entry.Key.StartsWith("bn1.", StringComparison.Ordinal) ||
        entry.Key.StartsWith("layer", StringComparison.Ordinal);

    private static IEnumerable<Entry> Under(Entry[] entries, string prefix) => entries
        .Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(e => new Entry(e.Key[prefix.Length..], e.Value));

    // P-13: both copies may be there; when they differ, the query encoder is the one that was trained.
    private static string[] CompareAlias(Entry[] entries, string prefix)
    {
        if (prefix != "encoder_q.0.")
            return [];

        var query = entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
        int different = Under(entries, "backbone.")
            .Count(alias => query.TryGetValue(prefix + alias.Key, out TensorRecord? trained) &&
            !trained.Bytes.Equals(alias.Value.Bytes) && !trained.Bytes.Span.SequenceEqual(alias.Value.Bytes.Span));
        return different == 0
            ? []
            : [$"{different} tensors under 'backbone.' differ from those under 'encoder_q.0.'; the latter are used."];
    }

    private static string? AuthorOf(CheckpointMap root)
    {
        foreach (string key in (string[])["author", "__author__"])
        {
            if (root.TryGet(key, out string? author))
                return author;
        }

        return root.TryGet("meta", out CheckpointMap? meta) && meta.TryGet("openselfsup_version", out string? version)
            ? $"OpenSelfSup {version}"
            : null;
    }
}
