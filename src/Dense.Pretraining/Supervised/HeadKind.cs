using Dense.Pretraining.Probes;

namespace Dense.Pretraining;

/// <summary>Where <see cref="Classification"/> reads a network.</summary>
public enum HeadKind
{
    /// <summary>At the pooled last stage: <see cref="ClassificationHead"/> (P-48).</summary>
    Linear,

    /// <summary>At each of the five levels: <see cref="MultiLevelHead"/> (P-154).</summary>
    MultiLevel,
}
