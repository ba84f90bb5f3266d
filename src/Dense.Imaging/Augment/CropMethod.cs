namespace Dense.Imaging;

/// <summary>How a view's window is chosen.</summary>
public enum CropMethod
{
    /// <summary>A window of random area and aspect ratio, resized to the crop size (P-85, P-86).</summary>
    RandomResized,

    /// <summary>The image with a black border, from which a window of the crop size is cut (P-50).</summary>
    Padded,
}
