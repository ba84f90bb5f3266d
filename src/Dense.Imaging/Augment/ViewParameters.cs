namespace Dense.Imaging;

/// <summary>Everything random about one view. Applying it to the same image gives the same view.</summary>
/// <param name="Crop">
/// The window, in pixels of the image. With <see cref="CropMethod.Padded"/> it may reach into the black border.
/// </param>
/// <param name="Jitter">Colour jitter, or <see langword="null"/> for none.</param>
/// <param name="Grayscale">Whether the colours are dropped.</param>
/// <param name="BlurSigma">
/// Standard deviation of the blur in pixels of the view, or <see langword="null"/> for none.
/// </param>
/// <param name="Solarize">Whether values from 128 up are inverted.</param>
/// <param name="Flip">Whether the view is mirrored left to right.</param>
/// <param name="Lighting">PCA lighting of the tensor, or <see langword="null"/> for none.</param>
public readonly record struct ViewParameters(
    PixelBox Crop, ColorJitter? Jitter, bool Grayscale, double? BlurSigma, bool Solarize, bool Flip,
    Lighting? Lighting = null);
