namespace Dense.Training.Settings;

/// <summary>What a parameter rule sets (P-113).</summary>
public enum ParameterOption
{
    /// <summary>The learning rate itself.</summary>
    Rate,

    /// <summary>A factor on the learning rate.</summary>
    RateFactor,

    /// <summary>The momentum itself.</summary>
    Momentum,

    /// <summary>A factor on the momentum.</summary>
    MomentumFactor,

    /// <summary>The weight decay itself.</summary>
    WeightDecay,

    /// <summary>A factor on the weight decay.</summary>
    WeightDecayFactor,
}
