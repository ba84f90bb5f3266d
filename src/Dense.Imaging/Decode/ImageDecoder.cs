using SkiaSharp;

namespace Dense.Imaging;

/// <summary>
/// Turns encoded images into 8-bit RGB exactly as the reference's reader does (P-75, P-76): chosen by content, alpha dropped
/// without compositing, colour profiles ignored. Owns its buffers: one per thread.
/// </summary>
public sealed class ImageDecoder : IDisposable
{
    private readonly ImageDecoderSettings _settings;
    private byte[] _rgba = [];

    /// <summary>Creates a decoder.</summary>
    /// <param name="settings">How it reads; the defaults are those of pre-training.</param>
    public ImageDecoder(ImageDecoderSettings? settings = null) => _settings = settings ?? new ImageDecoderSettings();

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="destination">Receives the pixels; undefined after an exception.</param>
    /// <exception cref="ImageDecodeException">The bytes are no complete image of a known format.</exception>
    public unsafe void Decode(ReadOnlySpan<byte> encoded, string name, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        fixed (byte* bytes = encoded)
        {
            using SKData data = SKData.Create((IntPtr)bytes, encoded.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw new ImageDecodeException(name, "not an image of a known format.");
            SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            if ((long)info.Width * info.Height > _settings.MaxPixels)
                throw new ImageDecodeException(name, $"{info.Width}x{info.Height} pixels exceed the limit of {_settings.MaxPixels}.");
            if (_rgba.Length < info.BytesSize)
                _rgba = new byte[info.BytesSize];
            fixed (byte* pixels = _rgba)
            {
                SKCodecResult result = codec.GetPixels(info, (IntPtr)pixels);
                if (result != SKCodecResult.Success)
                    throw new ImageDecodeException(name, $"the file is truncated or damaged ({result}).");
            }

            destination.Reshape(info.Width, info.Height);
            Span<byte> target = destination.Pixels;
            for (int i = 0, j = 0; j < target.Length; i += 4, j += 3)
                _rgba.AsSpan(i, 3).CopyTo(target[j..]);
        }
    }

    /// <summary>Reads and decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="destination">Receives the pixels; undefined after an exception.</param>
    /// <exception cref="ImageDecodeException">The file is no complete image of a known format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void DecodeFile(string path, RgbImage destination) => Decode(File.ReadAllBytes(path), path, destination);

    /// <summary>Releases native memory.</summary>
    public void Dispose()
    {
    }
}
