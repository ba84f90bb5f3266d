using System.Runtime.InteropServices;

namespace Dense.Imaging;

/// <summary>
/// The system's libturbojpeg, where there is one: half of Skia's time for the same pixels. Settings as in P-75:
/// accurate integer transform, smooth chroma upsampling, no scaling.
/// </summary>
internal sealed unsafe class TurboJpeg : IDisposable
{
    private const int PixelFormatRgb = 0;
    private const int ColorSpaceCmyk = 3;
    private const int FlagAccurateTransform = 4096, FlagLimitScans = 32768;

    private static readonly Api? Library = Load();
    private IntPtr _handle;

    private TurboJpeg(IntPtr handle) => _handle = handle;

    /// <summary>A decoder, or <see langword="null"/> when the library is not there.</summary>
    public static TurboJpeg? TryCreate()
    {
        IntPtr handle = Library is null ? IntPtr.Zero : Library.InitDecompress();
        return handle == IntPtr.Zero ? null : new TurboJpeg(handle);
    }

    /// <summary>Reads the declared size of a JPEG that <see cref="TryDecode"/> can handle: not those in CMYK.</summary>
    public bool TryReadHeader(ReadOnlySpan<byte> encoded, out int width, out int height)
    {
        int colorSpace;
        fixed (byte* bytes = encoded)
        fixed (int* w = &width, h = &height)
        {
            int subsampling;
            int result = Library!.DecompressHeader(
                _handle, bytes, new CULong((nuint)encoded.Length), w, h, &subsampling, &colorSpace);
            return result == 0 && colorSpace < ColorSpaceCmyk && *w > 0 && *h > 0;
        }
    }

    /// <summary>
    /// Decodes into an image of the declared size. Anything the library is not content with, even a warning, is
    /// <see langword="false"/>: then the pixels are undefined.
    /// </summary>
    public bool TryDecode(ReadOnlySpan<byte> encoded, RgbImage destination)
    {
        fixed (byte* bytes = encoded, pixels = destination.Pixels)
        {
            return Library!.Decompress(
                _handle, bytes, new CULong((nuint)encoded.Length), pixels, destination.Width, destination.RowBytes,
                destination.Height, PixelFormatRgb, FlagAccurateTransform | FlagLimitScans) == 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != IntPtr.Zero)
            _ = Library!.Destroy(_handle);
        _handle = IntPtr.Zero;
    }

    private static Api? Load()
    {
        foreach (string name in (ReadOnlySpan<string>)["libturbojpeg.so.0", "libturbojpeg.0.dylib"])
        {
            if (NativeLibrary.TryLoad(name, out IntPtr library)
                && NativeLibrary.TryGetExport(library, "tjInitDecompress", out IntPtr init)
                && NativeLibrary.TryGetExport(library, "tjDecompressHeader3", out IntPtr header)
                && NativeLibrary.TryGetExport(library, "tjDecompress2", out IntPtr decompress)
                && NativeLibrary.TryGetExport(library, "tjDestroy", out IntPtr destroy))
            {
                return new Api(init, header, decompress, destroy);
            }
        }

        return null;
    }

    // Function pointers instead of DllImport: a missing library is an ordinary case, not an exception.
    private sealed class Api(IntPtr init, IntPtr header, IntPtr decompress, IntPtr destroy)
    {
        public IntPtr InitDecompress() => ((delegate* unmanaged[Cdecl]<IntPtr>)init)();

        public int DecompressHeader(
            IntPtr handle, byte* file, CULong length, int* width, int* height, int* subsampling, int* colorSpace) =>
            ((delegate* unmanaged[Cdecl]<IntPtr, byte*, CULong, int*, int*, int*, int*, int>)header)(
                handle, file, length, width, height, subsampling, colorSpace);

        public int Decompress(
            IntPtr handle,
            byte* file,
            CULong length,
            byte* pixels,
            int width,
            int rowBytes,
            int height,
            int format,
            int flags) =>
            ((delegate* unmanaged[Cdecl]<IntPtr, byte*, CULong, byte*, int, int, int, int, int, int>)decompress)(
                handle, file, length, pixels, width, rowBytes, height, format, flags);

        public int Destroy(IntPtr handle) => ((delegate* unmanaged[Cdecl]<IntPtr, int>)destroy)(handle);
    }
}
