namespace Dense.Imaging.Scenes;

/// <summary>What the objects of a synthetic scene are. COCO category ids are the values here plus one.</summary>
public enum ShapeClass
{
    /// <summary>A filled circle.</summary>
    Disc,

    /// <summary>Four equal sides.</summary>
    Square,

    /// <summary>Three equal sides.</summary>
    Triangle,

    /// <summary>Five points.</summary>
    Star,

    /// <summary>A circle with a round hole.</summary>
    Ring,

    /// <summary>Two crossing bars of equal length.</summary>
    Cross,

    /// <summary>A disc from which a second disc was taken.</summary>
    Crescent,

    /// <summary>A shaft with a head.</summary>
    Arrow,
}

/// <summary>The list of <see cref="ShapeClass"/> values and their names in annotation files.</summary>
public static class ShapeClasses
{
    private const int SimpleClasses = 4;

    /// <summary>All classes in the order of their values.</summary>
    public static IReadOnlyList<ShapeClass> All { get; } = Enum.GetValues<ShapeClass>();

    /// <summary>The classes that scenes of a look hold: the first ones of <see cref="All"/>.</summary>
    public static IReadOnlyList<ShapeClass> Classes(this SceneLook look) =>
        look == SceneLook.Simple ? [.. All.Take(SimpleClasses)] : All;

    /// <summary>The category name: the class in lower case.</summary>
    public static string CategoryName(this ShapeClass shape) => shape.ToString().ToLowerInvariant();

    /// <summary>The COCO category id, from 1.</summary>
    public static int CategoryId(this ShapeClass shape) => (int)shape + 1;
}
