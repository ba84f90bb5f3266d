namespace Dense.Imaging.Scenes;

/// <summary>What a folder of synthetic scenes holds.</summary>
public sealed record SceneOptions
{
    /// <summary>Pictures with boxes and masks.</summary>
    public int Images { get; init; } = 1000;

    /// <summary>Pictures for pre-training.</summary>
    public int Unlabelled { get; init; }

    /// <summary>Single-object pictures to fit a probe on; half as many again measure it.</summary>
    public int Probe { get; init; }

    /// <summary>Width and height in pixels: <see cref="Scene.Create"/>.</summary>
    public int Size { get; init; } = 128;

    /// <summary>How hard the pictures are.</summary>
    public SceneLook Look { get; init; }

    /// <summary>The same seed gives the same files.</summary>
    public long Seed { get; init; }

    /// <summary>Whether every fifth labelled picture goes to a validation set of its own.</summary>
    public bool Split { get; init; }

    /// <summary>Whether pictures are PNG files; otherwise JPEG of quality 92.</summary>
    public bool Png { get; init; }

    /// <summary>Threads that draw.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Throws when a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the value.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Images);
        ArgumentOutOfRangeException.ThrowIfNegative(Unlabelled);
        ArgumentOutOfRangeException.ThrowIfNegative(Probe);
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, Scene.SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Size, Scene.LargestSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
    }
}
