namespace Dense.Training.Detection.Data;

/// <summary>The order of an image's channels (INPUT.FORMAT, E-106).</summary>
public enum ChannelOrder
{
    /// <summary><c>BGR</c>: blue, green, red.</summary>
    Bgr,

    /// <summary><c>RGB</c>: red, green, blue.</summary>
    Rgb,
}
