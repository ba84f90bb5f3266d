namespace Dense.Imaging;

/// <summary>A colour to draw with.</summary>
/// <param name="R">Red, 0…255.</param>
/// <param name="G">Green, 0…255.</param>
/// <param name="B">Blue, 0…255.</param>
/// <param name="Alpha">255 covers what lies beneath, 0 leaves it as it is.</param>
public readonly record struct RgbColor(byte R, byte G, byte B, byte Alpha = 255)
{
    // The golden angle: neighbouring indices get hues far apart, and no index repeats another for long.
    private const double TurnsPerIndex = 0.6180339887498949;

    /// <summary>White.</summary>
    public static RgbColor White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static RgbColor Black { get; } = new(0, 0, 0);

    /// <summary>A vivid colour that differs from those of other indices; the same in every picture.</summary>
    /// <param name="index">A class or an instance, at least 0.</param>
    public static RgbColor ForIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        byte hue = (byte)(index * TurnsPerIndex % 1 * 256);
        byte saturation = (byte)(index % 2 == 0 ? 215 : 165);
        byte value = (byte)(index % 3 == 2 ? 205 : 245);
        (byte r, byte g, byte b) = Hsv.ToRgb(hue, saturation, value);
        return new RgbColor(r, g, b);
    }

    /// <summary>Black or white, whichever can be read on this colour.</summary>
    public RgbColor ReadableInk() => Luma.Of(R, G, B) > 140 ? Black : White;
}
