namespace Dense.Models.Backbones;

/// <summary>Which convolution of a bottleneck carries the stride (P-56).</summary>
public enum ConvolutionStyle
{
    /// <summary>The 3×3 one, as in torchvision.</summary>
    Pytorch,

    /// <summary>The first 1×1 one, as in the original weights.</summary>
    Caffe,
}
