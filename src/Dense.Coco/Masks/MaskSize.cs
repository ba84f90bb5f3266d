namespace Dense.Coco.Masks;

/// <summary>Height and width of a mask; at most 2³² − 1 pixels, the range of COCO's run lengths.</summary>
internal readonly record struct MaskSize(int Height, int Width)
{
    /// <summary>Height times width.</summary>
    public uint Pixels => (uint)Height * (uint)Width;

    /// <summary>Checks the size.</summary>
    /// <exception cref="CocoFormatException">A side is negative or there are too many pixels.</exception>
    public static MaskSize Checked(long height, long width)
    {
        if (height is < 0 or > int.MaxValue || width is < 0 or > int.MaxValue || height * width > uint.MaxValue)
        {
            throw new CocoFormatException(
                $"Mask size {height}x{width} (height x width): expected sides of 0 or more and at most " +
                $"{uint.MaxValue} pixels.");
        }

        return new MaskSize((int)height, (int)width);
    }
}
