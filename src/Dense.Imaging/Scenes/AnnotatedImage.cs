namespace Dense.Imaging.Scenes;

/// <summary>What an annotation file says about one object.</summary>
/// <param name="Shape">Its class.</param>
/// <param name="Box">Left edge, top edge, width, height in pixels.</param>
/// <param name="Area">Number of visible pixels.</param>
/// <param name="Polygons">The visible part: x and y in turn, on pixel edges.</param>
internal sealed record AnnotatedObject(
    ShapeClass Shape,
    (int X, int Y, int Width, int Height) Box,
    int Area,
    IReadOnlyList<IReadOnlyList<int>> Polygons);

/// <summary>What an annotation file says about one picture; the pixels are gone by then.</summary>
/// <param name="Id">From 1.</param>
/// <param name="FileName">Name within the folder of pictures.</param>
/// <param name="Size">Width and height.</param>
/// <param name="Objects">Its objects.</param>
internal sealed record AnnotatedImage(int Id, string FileName, int Size, IReadOnlyList<AnnotatedObject> Objects)
{
    public static AnnotatedImage Of(int id, string fileName, Scene scene) => new(id, fileName, scene.Size,
        [.. scene.Objects.Select(o => new AnnotatedObject(o.Shape, o.Mask.Box, o.Mask.Area, o.Mask.Polygons()))]);
}
