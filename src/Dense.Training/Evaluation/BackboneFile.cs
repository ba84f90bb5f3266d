using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;
using Dense.Models.Backbones;
using Dense.Pretraining.State;

namespace Dense.Training.Evaluation;

/// <summary>
/// Builds the ResNet that a weight file describes: training checkpoints, extracted backbones, detectron2 and
/// torchvision files, recognised by content.
/// </summary>
public static class BackboneFile
{
    /// <summary>Reads a backbone. The network has depth, width and number of stages of the file's tensors.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A network in evaluation mode on the CPU, which gives its last stage; the caller's.</returns>
    /// <exception cref="CheckpointFormatException">The file cannot be read, or holds no ResNet backbone.</exception>
    /// <exception cref="StateMismatchException">Its tensors are not those of one ResNet.</exception>
    public static ResNet Load(string path)
    {
        IReadOnlyDictionary<string, TensorRecord> weights = Weights(path);
        var network = new ResNet(SettingsOf(weights, path));
        try
        {
            BackboneWeights.Load(network, weights, path);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A network of the same architecture with fresh random weights, as a baseline.</summary>
    /// <inheritdoc cref="Load"/>
    public static ResNet LoadArchitecture(string path)
    {
        var network = new ResNet(SettingsOf(Weights(path), path));
        network.eval();
        return network;
    }

    /// <summary>The backbone of a file under torchvision's names.</summary>
    /// <exception cref="CheckpointFormatException">The file cannot be read, or holds no backbone.</exception>
    public static IReadOnlyDictionary<string, TensorRecord> Weights(string path)
    {
        WeightFile file = WeightFile.Recognize(CheckpointFile.Read(path));
        file.RequireBackbone();
        return file.Backbone.ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
    }

    private static ResNetSettings SettingsOf(IReadOnlyDictionary<string, TensorRecord> weights, string path)
    {
        if (ResNetLayout.ArchitectureOf(weights.Keys) is not var (depth, stages))
        {
            throw new CheckpointFormatException(path,
                $"its stages have {string.Join(", ", ResNetLayout.BlocksOf(weights.Keys))} blocks, which " +
                $"no ResNet of {string.Join(", ", ResNetLayout.Depths)} layers has.");
        }

        return new ResNetSettings
        {
            Depth = depth,
            NumStages = stages,
            BaseWidth = (int)weights["conv1.weight"].Shape[0],
            OutIndices = [stages],
        };
    }
}
