using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>One figure of a scene.</summary>
/// <param name="Placement">Where it lies.</param>
/// <param name="Texture">What its surface looks like.</param>
/// <param name="Shadow">How dark the shadow it throws is, 0 for none.</param>
internal sealed record Layer(Placement Placement, Texture Texture, float Shadow);

/// <summary>Everything that is in a picture, before it is painted.</summary>
/// <param name="Size">Side of the picture in pixels.</param>
/// <param name="Ground">The surface behind everything.</param>
/// <param name="Clutter">Patches behind the objects, first painted first.</param>
/// <param name="Objects">The labelled objects, first painted first; each carries a <see cref="ShapeOutline"/>.</param>
/// <param name="Strokes">Thin things in front of the objects.</param>
/// <param name="Owner">For each pixel, row by row, the object that shows there, or -1.</param>
/// <param name="Light">Direction from which light comes times its strength; brightness changes by as much from the
/// middle to the edge.</param>
/// <param name="NoiseSeed">Seed of the sensor noise.</param>
internal sealed record SceneLayout(
    int Size,
    Texture Ground,
    IReadOnlyList<Layer> Clutter,
    IReadOnlyList<Layer> Objects,
    IReadOnlyList<Layer> Strokes,
    IReadOnlyList<int> Owner,
    Vector2 Light,
    uint NoiseSeed);
