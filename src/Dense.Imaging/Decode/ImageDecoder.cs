using Microsoft.Win32.SafeHandles;
using SkiaSharp;

namespace Dense.Imaging;

/// <summary>
/// Turns encoded images into 8-bit RGB exactly as the reference's reader does (P-75, P-76): JPEG, PNG, GIF (first
/// frame), WebP and BMP, told apart by content; alpha dropped without compositing; colour profiles ignored. Owns its
/// buffers, so that images of like size cost no allocation: one per thread.
/// </summary>
public sealed class ImageDecoder : IDisposable
{
    private readonly ImageDecoderSettings _settings;
    private readonly TurboJpeg? _turboJpeg;
    private readonly RgbImage _stored = new();
    private byte[] _rgba = [];
    private byte[] _rewritten = [];
    private byte[] _file = [];

    /// <summary>Creates a decoder.</summary>
    /// <param name="settings">How it reads; the defaults are those of pre-training.</param>
    public ImageDecoder(ImageDecoderSettings? settings = null)
    {
        _settings = settings ?? new ImageDecoderSettings();
        _turboJpeg = _settings.UseTurboJpeg ? TurboJpeg.TryCreate() : null;
    }

    /// <summary>Whether JPEG is decoded by the system's libturbojpeg.</summary>
    public bool UsesTurboJpeg => _turboJpeg is not null;

    /// <summary>
    /// The EXIF orientation of the last image, 1 to 8, where it is applied; 1 when the image has none or it is
    /// unreadable.
    /// </summary>
    public int Orientation { get; private set; } = 1;

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="destination">Receives the pixels; undefined after an exception.</param>
    /// <exception cref="ImageDecodeException">The bytes are no complete image of a known format.</exception>
    public void Decode(ReadOnlySpan<byte> encoded, string name, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(destination);

        EncodedHeader header = EncodedHeader.Read(encoded);
        if (header.Format == EncodedFormat.Unknown)
            throw UnknownFormat(encoded, name);
        CheckSize(header.Width, header.Height, header.Format, encoded.Length, name);

        if (!_settings.ApplyExifOrientation)
        {
            DecodeAsStored(encoded, header.Format, name, destination);
            return;
        }

        SKEncodedOrigin origin = ReadOrigin(encoded);
        Orientation = (int)origin;
        if (origin == SKEncodedOrigin.TopLeft)
        {
            DecodeAsStored(encoded, header.Format, name, destination);
            return;
        }

        DecodeAsStored(encoded, header.Format, name, _stored);
        ExifOrientation.Apply(_stored, origin, destination);
    }

    /// <summary>Reads and decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="destination">Receives the pixels; undefined after an exception.</param>
    /// <exception cref="ImageDecodeException">The file is no complete image of a known format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void DecodeFile(string path, RgbImage destination)
    {
        using SafeFileHandle handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(handle);
        if (length > Array.MaxLength)
            throw new ImageDecodeException(path, $"the file has {length} bytes, more than 2 GiB.");
        if (_file.Length < length)
            _file = new byte[Math.Max(length, 2L * _file.Length)];

        int filled = 0;
        while (filled < length)
        {
            int read = RandomAccess.Read(handle, _file.AsSpan(filled, (int)length - filled), filled);
            if (read == 0)
                break;
            filled += read;
        }

        Decode(_file.AsSpan(0, filled), path, destination);
    }

    /// <summary>Releases native memory.</summary>
    public void Dispose() => _turboJpeg?.Dispose();

    private void DecodeAsStored(ReadOnlySpan<byte> encoded, EncodedFormat format, string name, RgbImage destination)
    {
        if (format == EncodedFormat.Jpeg && DecodeByTurboJpeg(encoded, name, destination))
            return;

        bool gray16 = format == EncodedFormat.Png && PngGray16.Is(encoded);
        int gifFlags = format == EncodedFormat.Gif ? GifTransparency.FindFlags(encoded) : -1;
        if (gray16 || gifFlags >= 0)
        {
            Span<byte> copy = Copy(encoded);
            if (gray16)
                PngGray16.Disguise(copy);
            else
                GifTransparency.TurnOff(copy, gifFlags);
            encoded = copy;
        }

        Span<byte> rgba = DecodeBySkia(encoded, format, name, destination);
        if (gray16)
            PngGray16.Clip(rgba);
        PixelLayout.DropAlpha(rgba, destination);
    }

    // Damaged files and those that libturbojpeg has no RGB for are left to Skia, which decides whether they are an
    // error.
    private bool DecodeByTurboJpeg(ReadOnlySpan<byte> encoded, string name, RgbImage destination)
    {
        if (_turboJpeg is null || !_turboJpeg.TryReadHeader(encoded, out int width, out int height))
            return false;

        CheckSize(width, height, EncodedFormat.Jpeg, encoded.Length, name);
        destination.Reshape(width, height);
        return _turboJpeg.TryDecode(encoded, destination);
    }

    private unsafe Span<byte> DecodeBySkia(
        ReadOnlySpan<byte> encoded, EncodedFormat format, string name, RgbImage destination)
    {
        fixed (byte* bytes = encoded)
        {
            using SKData data = SKData.Create((IntPtr)bytes, encoded.Length);
            using SKCodec codec = SKCodec.Create(data)
                ?? throw new ImageDecodeException(name, $"the {format} header is damaged. Replace or remove the file.");

            // Without a colour space in the request no colour management takes place.
            SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            CheckSize(info.Width, info.Height, format, encoded.Length, name);
            if (_rgba.Length < info.BytesSize64)
                _rgba = new byte[info.BytesSize64];

            destination.Reshape(info.Width, info.Height);
            fixed (byte* pixels = _rgba)
            {
                SKCodecResult result = codec.GetPixels(info, (IntPtr)pixels);
                if (result != SKCodecResult.Success)
                    throw Damaged(format, result, encoded.Length, name);
            }

            return _rgba.AsSpan(0, info.BytesSize);
        }
    }

    private static unsafe SKEncodedOrigin ReadOrigin(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* bytes = encoded)
        {
            using SKData data = SKData.Create((IntPtr)bytes, encoded.Length);
            using SKCodec? codec = SKCodec.Create(data);
            return codec?.EncodedOrigin ?? SKEncodedOrigin.Default;
        }
    }

    private Span<byte> Copy(ReadOnlySpan<byte> encoded)
    {
        if (_rewritten.Length < encoded.Length)
            _rewritten = new byte[encoded.Length];
        encoded.CopyTo(_rewritten);
        return _rewritten.AsSpan(0, encoded.Length);
    }

    private void CheckSize(long width, long height, EncodedFormat format, int fileBytes, string name)
    {
        // Four bytes a pixel must fit into one array, whatever limit is set.
        long limit = Math.Min(_settings.MaxPixels, (Array.MaxLength / 4) - RgbImage.ReadSlack);
        UInt128 pixels = (UInt128)(ulong)width * (ulong)height;
        if (pixels > (ulong)limit)
        {
            throw new ImageDecodeException(
                name,
                $"the header declares {width}x{height} pixels, more than the limit of {limit}. "
                + "Remove the file, or raise the decoder's MaxPixels if it is genuine.");
        }

        if (pixels / (ulong)EncodedHeader.MaxPixelsPerByte(format) > (ulong)fileBytes)
        {
            throw new ImageDecodeException(
                name,
                $"the {format} header declares {width}x{height} pixels, which {fileBytes} bytes cannot hold: "
                + "the file is truncated or damaged. Replace or remove it.");
        }
    }

    private static ImageDecodeException UnknownFormat(ReadOnlySpan<byte> encoded, string name) => new(
        name,
        encoded.IsEmpty
            ? "the file is empty. Replace or remove it."
            : $"not an image: it begins with {Convert.ToHexString(encoded[..Math.Min(encoded.Length, 8)])}, "
                + "expected JPEG, PNG, GIF, WebP or BMP. Remove the file from the data set.");

    private static ImageDecodeException Damaged(
        EncodedFormat format, SKCodecResult result, int fileBytes, string name) => new(
        name,
        result == SKCodecResult.IncompleteInput
            ? $"the {format} data end early, after {fileBytes} bytes: the file is truncated. Replace or remove it."
            : $"the {format} data are damaged ({result}). Replace or remove the file.");
}
