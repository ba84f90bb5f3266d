namespace Dense.Checkpoints.Conversion;

/// <summary>What to take out of a training checkpoint.</summary>
public enum BackbonePart
{
    /// <summary>The backbone, in torchvision's names (P-143).</summary>
    Backbone,

    /// <summary>The projection head, such as <c>mlp.0.weight</c>.</summary>
    Neck,

    /// <summary>Both, behind <c>backbone.</c> and <c>neck.</c>.</summary>
    All,
}
