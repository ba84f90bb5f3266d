namespace Dense.Detection.Settings;

/// <summary>FCOS.LOSS_NORMALIZER_CLS (M-60).</summary>
public enum ClassNormalizer
{
    /// <summary><c>fg</c>: the number of positive locations.</summary>
    Foreground,

    /// <summary><c>moving_fg</c>: its moving average.</summary>
    MovingForeground,

    /// <summary><c>all</c>: the number of all locations.</summary>
    All,
}
