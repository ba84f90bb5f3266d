namespace Dense.Training.Data.Sources;

/// <summary>
/// A fixed, ordered set of encoded images, with or without class labels. The order is the same on every machine.
/// Reading is safe from several threads at once, each with its own buffer.
/// </summary>
public interface IImageSource : IDisposable
{
    /// <summary>Where the images come from: a folder, list or archive, for messages.</summary>
    string Location { get; }

    /// <summary>Number of images, at least 1.</summary>
    int Count { get; }

    /// <summary>Number of classes: one more than the largest label. 0 when there are no labels.</summary>
    int ClassCount { get; }

    /// <summary>The image's name: a path relative to the root, with forward slashes.</summary>
    string NameOf(int index);

    /// <summary>The image's class, 0 … <see cref="ClassCount"/> − 1.</summary>
    /// <exception cref="InvalidOperationException">The source has no labels.</exception>
    int LabelOf(int index);

    /// <summary>Reads the image file, without decoding it.</summary>
    /// <exception cref="DatasetException">The file is missing, unreadable or damaged.</exception>
    void Read(int index, EncodedImage into);
}
