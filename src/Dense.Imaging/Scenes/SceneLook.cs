namespace Dense.Imaging.Scenes;

/// <summary>How hard scenes are: what is in them, and what tells an object's class.</summary>
public enum SceneLook
{
    /// <summary>
    /// Up to eight objects of eight classes on busy grounds among clutter; colours and patterns are drawn independently
    /// of the class, so that only the outline tells it.
    /// </summary>
    Independent,

    /// <summary>
    /// Up to six objects of four classes and similar size on quiet grounds. Each class has a hue and a pattern of its
    /// own, as fruit or vehicles do; hues of neighbouring classes overlap.
    /// </summary>
    Simple,
}
