namespace Dense.Imaging;

/// <summary>How <see cref="ImageDecoder"/> reads. The defaults are those of pre-training.</summary>
public sealed record ImageDecoderSettings
{
    /// <summary>
    /// Whether the EXIF orientation turns the image upright. Off in pre-training (P-77); detection's reader applies it.
    /// </summary>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// Width times height that a file may declare, checked before memory is taken. The default is the size at which
    /// Pillow refuses a file as a decompression bomb.
    /// </summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>
    /// Whether the system's libturbojpeg may decode JPEG where it is present. The pixels are the same either way; it
    /// takes about half the time.
    /// </summary>
    public bool UseTurboJpeg { get; init; } = true;
}
