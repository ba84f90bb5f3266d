namespace Dense.Imaging.Scenes;

/// <summary>A part of a data set. Parts never share random draws, so no image occurs twice.</summary>
public enum ScenePart
{
    /// <summary>Images with boxes and masks.</summary>
    Labelled,

    /// <summary>Images for pre-training.</summary>
    Unlabelled,

    /// <summary>Single objects with a class label, to fit a probe on.</summary>
    ProbeTrain,

    /// <summary>Single objects with a class label, to measure a probe with.</summary>
    ProbeVal,
}
