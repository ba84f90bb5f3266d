namespace Dense.Checkpoints.Conversion;

/// <summary>What a weight file is, recognised by its entries.</summary>
public enum WeightFileKind
{
    /// <summary>Nothing that is known.</summary>
    Unknown,

    /// <summary>
    /// A DenseCL or MoCo-v2 training checkpoint of this project, of the reference, or of mmselfsup 0.x (P-11).
    /// </summary>
    ContrastiveTraining,

    /// <summary>A training checkpoint of mmselfsup 1.x (P-152).</summary>
    MmselfsupTraining,

    /// <summary>A training checkpoint of facebookresearch/moco (P-45).</summary>
    MocoTraining,

    /// <summary>A supervised training checkpoint: a backbone and a classification head (P-48).</summary>
    SupervisedTraining,

    /// <summary>A backbone alone, in torchvision's names, under <c>state_dict</c> (P-143).</summary>
    ExtractedBackbone,

    /// <summary>torchvision's ResNet: bare names, usually with the classifier <c>fc</c>.</summary>
    Torchvision,

    /// <summary>Backbone weights in detectron2's names (P-144).</summary>
    Detectron2Backbone,

    /// <summary>A detector's checkpoint, its backbone under <c>backbone.bottom_up.</c></summary>
    Detector,
}
