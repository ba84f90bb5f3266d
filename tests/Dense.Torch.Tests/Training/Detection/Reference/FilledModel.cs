using Dense.Checkpoints;
using Dense.Detection;
using Dense.Detection.Tests;
using Dense.Distributed;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Torch.Tests.Training.Detection.Reference;

/// <summary>A detector of a golden configuration with the golden weights.</summary>
internal static class FilledModel
{
    /// <summary>Builds and fills it.</summary>
    public static Detector Create(DetectionConfiguration configuration)
    {
        Detector detector = DetectorFactory.Create(configuration.Settings.Detector, SingleProcess.Instance);
        string model = configuration.Settings.Detector.Kind.ToString().ToLowerInvariant();
        DetectorFill.Fill(detector, FillRule.Of(model));
        return detector;
    }

    /// <summary>Writes its weights as a file for MODEL.WEIGHTS.</summary>
    public static void Save(DetectionConfiguration configuration, string path)
    {
        using Detector detector = Create(configuration);
        var model = new CheckpointMap();
        foreach (var tensor in DetectorState.ToRecords(detector))
            model.Add(tensor.Name, tensor.Tensor);

        TorchFile.Write(path, new CheckpointMap { { "model", model } });
    }
}
