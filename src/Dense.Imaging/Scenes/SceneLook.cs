namespace Dense.Imaging.Scenes;

/// <summary>What besides its outline tells an object's class.</summary>
public enum SceneLook
{
    /// <summary>Nothing: colours and patterns are drawn independently of the class.</summary>
    Independent,

    /// <summary>
    /// Seven of eight objects wear their class's own hue and pattern, as fruit or vehicles do. Grounds, clutter and the
    /// remaining objects are drawn independently of the class, so that neither settles it.
    /// </summary>
    Typical,
}
