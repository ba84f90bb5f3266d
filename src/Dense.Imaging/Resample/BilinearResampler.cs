namespace Dense.Imaging;

/// <summary>
/// Pillow's anti-aliased bilinear resize, bit for bit (P-86). Pixels outside the crop, and results outside the wanted
/// window, are never computed. Owns its scratch memory: one per thread.
/// </summary>
public sealed class BilinearResampler
{
    private readonly AxisWeights _columns = new();
    private readonly AxisWeights _rows = new();
    private readonly HorizontalPass _horizontal = new();
    private readonly PlanarImage _planes = new();
    private byte[] _between = [];

    /// <summary>Cuts out a crop and resizes it; taps never see pixels outside the crop.</summary>
    /// <param name="source">The image; not the destination.</param>
    /// <param name="crop">A box within the image.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="destination">Receives the result.</param>
    public void Resize(RgbImage source, PixelBox crop, int width, int height, RgbImage destination)
    {
        ResizeToPlanes(source, crop, width, height, new PixelBox(0, 0, width, height), _planes);
        PixelLayout.Interleave(_planes, destination);
    }

    /// <summary>
    /// Resizes a box with fractional edges; taps reach beyond the box where the image goes on, as in Pillow's
    /// <c>resize(box=…)</c>.
    /// </summary>
    /// <param name="source">The image; not the destination.</param>
    /// <param name="left">Left edge in pixels, at least 0.</param>
    /// <param name="top">Top edge.</param>
    /// <param name="right">Right edge, at most the image's width.</param>
    /// <param name="bottom">Bottom edge.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="destination">Receives the result.</param>
    public void ResizeBox(
        RgbImage source, float left, float top, float right, float bottom, int width, int height, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        bool inRow = left >= 0 && left < right && right <= source.Width;
        bool inColumn = top >= 0 && top < bottom && bottom <= source.Height;
        if (!inRow || !inColumn)
        {
            throw new ArgumentException(
                $"Box ({left}, {top})-({right}, {bottom}) does not lie within {source.Width}x{source.Height} pixels.");
        }

        _columns.Compute(source.Width, left, right, width, 0, width);
        _rows.Compute(source.Height, top, bottom, height, 0, height);
        Run(source, 0, 0, _planes);
        PixelLayout.Interleave(_planes, destination);
    }

    /// <summary>As <see cref="Resize"/>, each channel into memory of its own, row by row.</summary>
    /// <param name="source">The image.</param>
    /// <param name="crop">A box within the image.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="red">Receives height × width samples.</param>
    /// <param name="green">Receives height × width samples.</param>
    /// <param name="blue">Receives height × width samples.</param>
    public void ResizeToPlanes(
        RgbImage source, PixelBox crop, int width, int height, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        Prepare(source, crop, width, height, new PixelBox(0, 0, width, height));
        RunHorizontal(source, crop.Left, crop.Top);
        RunVertical(0, red);
        RunVertical(1, green);
        RunVertical(2, blue);
    }

    /// <summary>As <see cref="Resize"/>, into planes, and only a window of the result.</summary>
    internal void ResizeToPlanes(
        RgbImage source, PixelBox crop, int width, int height, PixelBox window, PlanarImage destination)
    {
        Prepare(source, crop, width, height, window);
        Run(source, crop.Left, crop.Top, destination);
    }

    private void Prepare(RgbImage source, PixelBox crop, int width, int height, PixelBox window)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (!crop.FitsInto(source.Width, source.Height))
            throw new ArgumentException($"{crop} does not lie within {source.Width}x{source.Height}.", nameof(crop));
        if (!window.FitsInto(width, height))
            throw new ArgumentException($"{window} does not lie within {width}x{height}.", nameof(window));

        _columns.Compute(crop.Width, 0, crop.Width, width, window.Left, window.Width);
        _rows.Compute(crop.Height, 0, crop.Height, height, window.Top, window.Height);
    }

    private void Run(RgbImage source, int left, int top, PlanarImage destination)
    {
        destination.Reshape(_columns.Count, _rows.Count);
        RunHorizontal(source, left, top);
        for (int channel = 0; channel < 3; channel++)
            RunVertical(channel, destination.Plane(channel));
    }

    // Leaves rows of three planes' lines side by side, from the first input row that is needed.
    private void RunHorizontal(RgbImage source, int left, int top)
    {
        int firstRow = _rows.First[0];
        int rowCount = LastRow() + 1 - firstRow;
        int rowBytes = 3 * _columns.Count;
        if (_between.Length < (long)rowCount * rowBytes)
            _between = new byte[rowCount * rowBytes];

        _horizontal.Run(source, left, top + firstRow, rowCount, _columns, _between);
    }

    private void RunVertical(int channel, Span<byte> destination)
    {
        int rowBytes = 3 * _columns.Count;
        for (int y = 0; y < _rows.Count; y++)
        {
            int start = ((_rows.First[y] - _rows.First[0]) * rowBytes) + (channel * _columns.Count);
            VerticalPass.Run(
                _between.AsSpan(start),
                rowBytes,
                _rows.Weights.Slice(y * _rows.Taps, _rows.Taps),
                destination.Slice(y * _columns.Count, _columns.Count));
        }
    }

    // The lowest input row that any output row touches.
    private int LastRow()
    {
        int last = 0;
        for (int y = 0; y < _rows.Count; y++)
        {
            int used = _rows.Weights.Slice(y * _rows.Taps, _rows.Taps).LastIndexOfAnyExcept(0);
            last = Math.Max(last, _rows.First[y] + Math.Max(used, 0));
        }

        return last;
    }
}
