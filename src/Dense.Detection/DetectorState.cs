using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Detection.Backbones;
using Dense.Models.Backbones;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>
/// The border between a detector and files: its tensors by detectron2's names, in the order of detectron2's state
/// dictionary (M-1, M-22, M-36, M-44).
/// </summary>
/// <remarks>
/// Parts have detectron2's names already, except for the <see cref="ResNet"/>, which has torchvision's and is renamed
/// here. A part's own parameters come first, then its buffers, then its children in the order of their registration;
/// restricted to trainable entries this is the order in which optimisers number parameters (E-79).
/// </remarks>
public static class DetectorState
{
    private const string Shortcut = "downsample";

    /// <summary>Everything that a checkpoint holds.</summary>
    /// <param name="detector">A detector, or a part of one.</param>
    /// <param name="prefix">Put before each name, its dot included.</param>
    public static IReadOnlyList<DetectorEntry> Entries(nn.Module detector, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(detector);
        return [.. Walk(detector, prefix)];
    }

    /// <summary>Copies everything that a checkpoint holds, in order.</summary>
    public static IReadOnlyList<NamedTensor> ToRecords(nn.Module detector) =>
        [.. Entries(detector).Select(e => new NamedTensor(e.Name, e.Tensor.ToRecord()))];

    /// <summary>
    /// Overwrites what a file holds by the same name and shape; the rest keeps its values (M-134). A norm whose
    /// statistics the file lacks gets mean 0 and variance 1 (M-28).
    /// </summary>
    /// <param name="detector">Changed in place.</param>
    /// <param name="state">Tensors by detectron2's full names, already matched.</param>
    /// <returns>What was taken over and what was not. Missing counters are not reported.</returns>
    public static LoadReport CopyFrom(nn.Module detector, IReadOnlyDictionary<string, TensorRecord> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        IReadOnlyList<DetectorEntry> entries = Entries(detector);
        LoadReport report = LoadReport.Compare(
            entries.Select(e => new TensorLayout(e.Name, e.Tensor.shape)),
            state.Select(e => TensorLayout.Of(e.Key, e.Value)),
            ResNetLayout.IsCounter);

        var matched = report.Matched.ToHashSet(StringComparer.Ordinal);
        foreach (DetectorEntry entry in entries)
        {
            if (matched.Contains(entry.Name))
                state[entry.Name].CopyTo(entry.Tensor);
            else if (entry.IsNorm && matched.Contains(Sibling(entry.Name, "weight")))
                ResetStatistics(entry);
        }

        return report;
    }

    private static void ResetStatistics(DetectorEntry entry)
    {
        if (entry.Name.EndsWith(".running_mean", StringComparison.Ordinal))
            entry.Tensor.Fill(0);
        else if (entry.Name.EndsWith(".running_var", StringComparison.Ordinal))
            entry.Tensor.Fill(1);
    }

    private static string Sibling(string name, string last) => name[..(name.LastIndexOf('.') + 1)] + last;

    private static IEnumerable<DetectorEntry> Walk(nn.Module module, string prefix)
    {
        bool isNorm = NormLayers.IsNorm(module);
        foreach (var (name, tensor) in Own(module))
            yield return new DetectorEntry(prefix + name, tensor, isNorm);

        // detectron2 registers a block's shortcut before its convolutions, torchvision after them (M-22).
        foreach (var (name, child) in module.named_children().OrderBy(c => c.name == Shortcut ? 0 : 1))
        {
            IEnumerable<DetectorEntry> entries = child is ResNet
                ? Walk(child, "").Select(e => e with { Name = $"{prefix}{name}.{Renamed(e.Name)}" })
                : Walk(child, $"{prefix}{name}.");
            foreach (DetectorEntry entry in entries)
                yield return entry;
        }
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Own(nn.Module module) =>
        module.named_parameters(recurse: false).Select(p => (p.name, (Tensor)p.parameter))
            .Concat(module.named_buffers(recurse: false).Select(b => (b.name, b.buffer)));

    // Group norms are called gn where batch norms are called bn (P-60); detectron2 calls both norm.
    private static string Renamed(string name) =>
        BackboneNames.ToDetectron2(name.Replace("gn", "bn", StringComparison.Ordinal));
}
