using Dense.Checkpoints.Conversion;
using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Matching;

/// <summary>Reads files by the rules of detectron2 and AdelaiDet for what they hold (E-43).</summary>
internal static class DetectorWeightFileReader
{
    private const string Wrapper = "module.";
    private const string Model = "model";
    private const string Blobs = "blobs";

    public static DetectorWeightFile Read(WeightFile weights)
    {
        CheckpointFile file = weights.File;
        string name = System.IO.Path.GetFileName(file.Name);
        string extension = System.IO.Path.GetExtension(name);
        DetectorWeightFile read = file.Format switch
        {
            CheckpointFormat.Pickle => Pickle(file),
            _ when extension == ".pyth" => Pyth(file),
            _ => Torch(file, name),
        };

        return read with
        {
            Tensors = WithoutWrapper(read.Tensors),
            Warnings = [.. Misnamed(file, extension)],
        };
    }

    private static DetectorWeightFile Pickle(CheckpointFile file)
    {
        CheckpointMap root = file.Map;
        if (root.TryGet(Model, out CheckpointMap? model))
        {
            root.TryGet("__author__", out string? author);
            return new()
            {
                Path = file.Name,
                Tensors = TensorsOf(file, model),
                MatchNames = root.TryGetValue("matching_heuristics", out object? flag) && flag is true,
                Author = author,
            };
        }

        CheckpointMap blobs = root.TryGet(Blobs, out CheckpointMap? inner) ? inner : root;
        Entry[] entries = [.. TensorsOf(file, blobs, IsLeftOut)];
        return new()
        {
            Path = file.Name,
            Tensors = Renamed(file, entries),
            MatchNames = true,
            Author = "Caffe2",
            Conventions = IsPlainResNet(entries) ? InputConventions.Caffe2 : null,
        };
    }

    private static DetectorWeightFile Pyth(CheckpointFile file)
    {
        if (!file.Map.TryGet("model_state", out CheckpointMap? state))
        {
            throw new CheckpointFormatException(file.Name,
                "a .pyth file has the tensors under 'model_state', found none. Rename it to .pth if it is one.");
        }

        return new()
        {
            Path = file.Name,
            Tensors = [.. TensorsOf(file, state, ResNetLayout.IsCounter)],
            MatchNames = true,
        };
    }

    private static DetectorWeightFile Torch(CheckpointFile file, string name)
    {
        CheckpointMap root = file.Map;
        if (root.ContainsKey("state_dict") && !root.ContainsKey(Model))
        {
            throw new CheckpointFormatException(file.Name, "the tensors stand under 'state_dict', as in training "
                + "checkpoints of DenseCL, and no backbone was recognised among them. See what is in it: "
                + $"densecl inspect {file.Name}; convert what has a backbone: densecl convert {file.Name} b.pkl");
        }

        return new()
        {
            Path = file.Name,
            Tensors = TensorsOf(file, root.TryGet(Model, out CheckpointMap? model) ? model : root),

            // AdelaiDet's rule for two families of published backbones.
            MatchNames = name.Contains("lpf", StringComparison.OrdinalIgnoreCase)
                || name.Contains("dla", StringComparison.OrdinalIgnoreCase),
        };
    }

    private static List<Entry> TensorsOf(
        CheckpointFile file, CheckpointMap map, Func<string, bool>? leaveOut = null)
    {
        var entries = new List<Entry>();
        foreach (var (key, value) in map)
        {
            if (key is string name && leaveOut?.Invoke(name) == true)
                continue;
            if (key is not string text || value is not TensorRecord tensor)
            {
                throw new CheckpointFormatException(file.Name,
                    $"expected tensors by name, found {CheckpointValue.Describe(value)} under '{key}' (E-45).");
            }

            entries.Add(new(text, tensor));
        }

        return entries;
    }

    private static bool IsLeftOut(string name) =>
        name == "weight_order" || name.EndsWith("_momentum", StringComparison.Ordinal);

    private static List<Entry> Renamed(CheckpointFile file, Entry[] entries)
    {
        var renamed = entries.Select(e => (Old: e.Key, New: Caffe2Names.ToDetectron2(e.Key), e.Value)).ToList();
        if (renamed.GroupBy(e => e.New).FirstOrDefault(g => g.Count() > 1) is { } doubled)
        {
            throw new CheckpointFormatException(file.Name,
                $"{string.Join(" and ", doubled.Select(e => $"'{e.Old}'"))} are both '{doubled.Key}' in detectron2.");
        }

        return [.. renamed.Select(e => new Entry(e.New, e.Value))];
    }

    // ResNeXt, whose 3×3 convolutions see a part of the channels each, and GroupNorm had other conventions.
    private static bool IsPlainResNet(Entry[] entries) =>
        entries.FirstOrDefault(e => e.Key == "res2_0_branch2b_w").Value is { Shape: [var output, var input, ..] }
        && output == input && !entries.Any(e => e.Key.EndsWith("_gn_s", StringComparison.Ordinal));

    private static IReadOnlyList<Entry> WithoutWrapper(IReadOnlyList<Entry> entries) =>
        entries.Count > 0 && entries.All(e => e.Key.Length == 0 || e.Key.StartsWith(Wrapper, StringComparison.Ordinal))
            ? [.. entries.Select(e => new Entry(e.Key.Length == 0 ? "" : e.Key[Wrapper.Length..], e.Value))]
            : entries;

    private static IEnumerable<string> Misnamed(CheckpointFile file, string extension)
    {
        bool isPickle = file.Format == CheckpointFormat.Pickle;
        bool isTorch = file.Format is CheckpointFormat.TorchZip or CheckpointFormat.TorchLegacy;
        if ((extension == ".pkl" && isTorch) || (extension == ".pth" && isPickle))
        {
            string found = isPickle ? "plain pickle as in .pkl" : "torch file as in .pth";
            yield return $"named {extension}, but a {found}; read as what it is";
        }
    }
}
