using Entry = System.Collections.Generic.KeyValuePair<string, Dense.Checkpoints.TensorRecord>;

namespace Dense.Checkpoints.Conversion;

/// <summary>
/// The model of a training checkpoint in a file of its own, all of it and under its own names, without optimizer and
/// progress. It holds no floating-point number beside the tensors, so that every PyTorch loads it (E-73).
/// </summary>
public static class ModelExport
{
    private const string PretrainingKey = "state_dict";
    private const string DetectorKey = "model";

    /// <summary>Writes the model in the format that the extension names.</summary>
    /// <param name="file">A training checkpoint of a detector or a pre-training, or a model alone.</param>
    /// <param name="path">Ends in one of <see cref="BackboneConversion.Extensions"/>.</param>
    /// <returns>How many tensors were written.</returns>
    /// <exception cref="CheckpointFormatException">There is no model, or a type that the format lacks.</exception>
    /// <exception cref="ArgumentException">Another extension.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static int Write(CheckpointFile file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);

        Entry[] model = [.. WeightFileRecognizer.StateOf(file.Map).Tensors];
        if (model.Length == 0)
        {
            throw new CheckpointFormatException(file.Name, $"expected tensors under '{DetectorKey}' or "
                + $"'{PretrainingKey}', found none. See what is in it: densecl inspect {file.Name}");
        }

        switch (Path.GetExtension(path))
        {
            case ".pkl":
                BackboneConversion.RequireNumpyTypes(file, model);
                Detectron2File.Write(path, model, "densecl");
                break;
            case ".pth":
                var state = new CheckpointMap { IsOrderedDict = true };
                foreach (var (name, tensor) in model)
                    state.Add(name, tensor);

                string key = file.Map.ContainsKey(PretrainingKey) ? PretrainingKey : DetectorKey;
                TorchFile.Write(path, new CheckpointMap { { key, state } });
                break;
            case ".safetensors":
                SafetensorsFile.Write(path, model);
                break;
            default:
                throw new ArgumentException($"{path}: unknown extension.", nameof(path));
        }

        return model.Length;
    }
}
