using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Models.Backbones;
using static TorchSharp.torch;

namespace Dense.Detection;

/// <summary>A network that finds objects: FCOS or SOLOv2. The engine knows nothing else of them.</summary>
public abstract class Detector : nn.Module
{
    /// <summary>Keeps the settings and the other ranks.</summary>
    protected Detector(string name, DetectorSettings settings, ICollectives collectives)
        : base(name)
    {
        Settings = settings;
        Collectives = collectives;
    }

    /// <summary>What the detector was built from.</summary>
    public DetectorSettings Settings { get; }

    /// <summary>The network that its other parts see images through; null for a detector without one.</summary>
    public virtual ResNet? Backbone => null;

    /// <summary>
    /// Numbers that training carries from step to step beside the weights; the trainer saves them and gives them back
    /// when it resumes, the model file does not hold them (KF-4). Empty for most detectors.
    /// </summary>
    public virtual IReadOnlyDictionary<string, double> TrainerState
    {
        get => new Dictionary<string, double>();
        set { }
    }

    /// <summary>The other ranks.</summary>
    protected ICollectives Collectives { get; }

    /// <summary>
    /// The losses of a batch: in training mode with the counts of all ranks, which call this together; in evaluation
    /// mode those of these images alone.
    /// </summary>
    /// <param name="batch">Images on the network's device.</param>
    /// <param name="truths">What is to be found in each; may be empty, never null.</param>
    /// <returns>The terms in a fixed order; the caller owns the tensors.</returns>
    public abstract IReadOnlyList<NamedLoss> Losses(ImageBatch batch, IReadOnlyList<GroundTruth> truths);

    /// <summary>What the detector finds; in evaluation mode, without gradients.</summary>
    /// <param name="batch">Images on the network's device.</param>
    /// <param name="images">The same images; their ids and original sizes are read.</param>
    public abstract IReadOnlyList<ImageDetections> Detect(ImageBatch batch, IReadOnlyList<InputImage> images);
}
