namespace Dense.Imaging;

/// <summary>The file formats that <see cref="ImageDecoder"/> reads, told apart by their first bytes.</summary>
internal enum EncodedFormat
{
    Unknown,
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
}
