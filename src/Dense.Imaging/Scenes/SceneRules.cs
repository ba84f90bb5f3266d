namespace Dense.Imaging.Scenes;

/// <summary>The numbers behind a <see cref="SceneLook"/>. Lengths are shares of the picture's side.</summary>
internal sealed record SceneRules
{
    /// <summary>The classes that occur.</summary>
    public required IReadOnlyList<ShapeClass> Classes { get; init; }

    /// <summary>The fewest objects of a scene that are tried to place.</summary>
    public required int LeastObjects { get; init; }

    /// <summary>The most objects of a scene.</summary>
    public required int MostObjects { get; init; }

    /// <summary>Radius of the smallest object.</summary>
    public required float SmallestRadius { get; init; }

    /// <summary>Radius of the largest object.</summary>
    public required float LargestRadius { get; init; }

    /// <summary>The most patches behind the objects.</summary>
    public required int MostClutter { get; init; }

    /// <summary>Share of the scenes with thin things in front of the objects.</summary>
    public required float StrokeChance { get; init; }

    /// <summary>Whether objects wear the look of their class, before faint grounds and clutter.</summary>
    public required bool HasClassLooks { get; init; }

    /// <summary>The rules of a look.</summary>
    public static SceneRules Of(SceneLook look) => look == SceneLook.Simple ? Simple : Independent;

    // A scale range of 1:6.
    private static SceneRules Independent { get; } = new()
    {
        Classes = SceneLook.Independent.Classes(),
        LeastObjects = 1,
        MostObjects = 8,
        SmallestRadius = 0.055f,
        LargestRadius = 0.33f,
        MostClutter = 6,
        StrokeChance = 0.25f,
        HasClassLooks = false,
    };

    private static SceneRules Simple { get; } = new()
    {
        Classes = SceneLook.Simple.Classes(),
        LeastObjects = 3,
        MostObjects = 6,
        SmallestRadius = 0.11f,
        LargestRadius = 0.18f,
        MostClutter = 2,
        StrokeChance = 0,
        HasClassLooks = true,
    };
}
