namespace Dense.Imaging.Scenes;

/// <summary>An object of a scene.</summary>
/// <param name="Shape">Its class.</param>
/// <param name="Mask">Where it is visible.</param>
public sealed record SceneObject(ShapeClass Shape, VisibleMask Mask);

/// <summary>A synthetic picture with what is in it.</summary>
/// <param name="Size">Width and height in pixels.</param>
/// <param name="Pixels">Size·Size·3 bytes, row by row, red-green-blue.</param>
/// <param name="Objects">The labelled objects, the farthest first.</param>
public sealed record Scene(int Size, byte[] Pixels, IReadOnlyList<SceneObject> Objects)
{
    /// <summary>The smallest side at which the smallest objects still have a shape.</summary>
    public const int SmallestSize = 48;

    /// <summary>The largest side.</summary>
    public const int LargestSize = 2048;

    /// <summary>
    /// Draws a picture: textured shapes, a single one for the probe parts, on a textured ground with clutter. The same
    /// arguments give the same bytes.
    /// </summary>
    /// <param name="size">Width and height in pixels, 48 to 2048.</param>
    /// <param name="seed">Seed of the data set.</param>
    /// <param name="part">Which part of the data set.</param>
    /// <param name="index">Number of the picture in its part, from 0. In probe parts the classes take turns.</param>
    /// <param name="look">How hard it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size or the index is out of range.</exception>
    public static Scene Create(
        int size, long seed, ScenePart part, int index, SceneLook look = SceneLook.Independent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        var random = new SceneRandom(seed, part, index);
        SceneRules rules = SceneRules.Of(look);
        SceneLayout layout = part is ScenePart.ProbeTrain or ScenePart.ProbeVal
            ? SceneComposer.ComposeSingle(random, size, rules.Classes[index % rules.Classes.Count], rules)
            : SceneComposer.Compose(random, size, rules);

        return new Scene(size, ScenePainter.Paint(layout), [.. layout.Objects.Select((layer, i) => new SceneObject(
            ((ShapeOutline)layer.Placement.Outline).Shape, VisibleMask.Of(layout.Owner, size, i)))]);
    }
}
