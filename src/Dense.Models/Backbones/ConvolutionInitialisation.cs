namespace Dense.Models.Backbones;

/// <summary>The spread of a convolution's initial weights, which are normal with mean 0.</summary>
public enum ConvolutionInitialisation
{
    /// <summary>√(2 / (C_in/groups · k·k)): pre-training (P-68).</summary>
    FanIn,

    /// <summary>√(2 / (C_out · k·k)), not divided by the groups: detection (M-23).</summary>
    FanOut,
}
