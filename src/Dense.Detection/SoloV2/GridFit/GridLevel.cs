namespace Dense.Detection.SoloV2.GridFit;

/// <summary>One of the grids of SOLOv2 and how a data set fills it.</summary>
/// <param name="Low">Smallest object size of the level, in pixels of the enlarged image.</param>
/// <param name="High">Largest.</param>
/// <param name="Grid">Cells per side.</param>
/// <param name="Objects">How many objects are trained on it.</param>
/// <param name="Contested">How many of them share their centre's cell with another one, so that only one of them can be
/// told (M-95).</param>
public readonly record struct GridLevel(int Low, int High, int Grid, int Objects, int Contested)
{
    /// <summary>Contested objects, as a part of all; 0 without objects.</summary>
    public double ContestedShare => Objects == 0 ? 0 : (double)Contested / Objects;

    /// <summary>Counts a level's objects.</summary>
    /// <param name="objects">Those of the data set.</param>
    /// <param name="range">Sizes of the level.</param>
    /// <param name="grid">Cells per side.</param>
    public static GridLevel Count(IEnumerable<GridObject> objects, (int Low, int High) range, int grid)
    {
        var cells = objects.Where(o => o.Size >= range.Low && o.Size <= range.High)
            .GroupBy(o => (o.ImageId, (int)(o.X * grid), (int)(o.Y * grid)))
            .Select(cell => cell.Count()).ToList();
        return new GridLevel(range.Low, range.High, grid, cells.Sum(), cells.Where(count => count > 1).Sum());
    }
}
